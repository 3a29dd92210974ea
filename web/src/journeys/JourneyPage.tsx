export default function JourneyPage(_: { tab?: string }) { return null; }
