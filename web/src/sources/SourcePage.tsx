export default function SourcePage(_: { tab?: string }) { return null; }
