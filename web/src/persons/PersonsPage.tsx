export default function PersonsPage(_: { tab?: string }) { return null; }
