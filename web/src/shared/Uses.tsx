/** What uses something, or what it uses: names that lead to their pages. */
import { Link } from "react-router";
import { homeOf } from "./homes";

type Props = { items: { id: string; name: string }[]; none?: string; inline?: boolean };

export function Uses({ items, none = "", inline = false }: Props) {
  if (items.length === 0) return none ? <span className="faint">{none}</span> : null;
  return (
    <ul className={inline ? "row wrap" : "col"} style={{ gap: inline ? "2px 10px" : 2 }}>
      {items.map(({ id, name }) => (
        <li key={id} style={{ minWidth: 0 }}>
          <Link to={homeOf(id)} style={{ overflowWrap: "anywhere" }}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  );
}
