export default function AudiencesPage(_: { tab?: string }) { return null; }
