export default function JourneysPage(_: { tab?: string }) { return null; }
