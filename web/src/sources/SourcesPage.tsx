export default function SourcesPage(_: { tab?: string }) { return null; }
