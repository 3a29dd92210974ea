export default function AudiencePage(_: { tab?: string }) { return null; }
