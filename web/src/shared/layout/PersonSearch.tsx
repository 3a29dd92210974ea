import { SearchOutlined } from "@ant-design/icons";
import { useEffect, useState, type FormEvent } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useCommon } from "../i18n/common";
import { usePhone } from "../preferences";

/** One box for every identifier, reached with `/` from anywhere. */
export function PersonSearch() {
  const t = useCommon();
  const phone = usePhone();
  const navigate = useNavigate();
  const location = useLocation();
  const [params] = useSearchParams();
  const current = location.pathname === "/persons" ? (params.get("q") ?? "") : "";
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const query = text.trim();
    navigate(query ? `/persons?q=${encodeURIComponent(query)}` : "/persons");
  };
  return (
    <form className="search" role="search" onSubmit={submit}>
      <SearchOutlined aria-hidden />
      <input
        id="person-search"
        type="search"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        placeholder={phone ? t("top.search.short") : t("top.search")}
        aria-label={t("top.search.short")}
        autoComplete="off"
        spellCheck={false}
      />
      {!phone && <kbd>/</kbd>}
    </form>
  );
}
