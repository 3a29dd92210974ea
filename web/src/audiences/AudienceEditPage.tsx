export default function AudienceEditPage(_: { tab?: string }) { return null; }
