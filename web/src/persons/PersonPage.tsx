export default function PersonPage(_: { tab?: string }) { return null; }
