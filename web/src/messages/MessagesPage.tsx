export default function MessagesPage(_: { tab?: string }) { return null; }
