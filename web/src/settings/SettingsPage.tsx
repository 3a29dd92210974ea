export default function SettingsPage(_: { tab?: string }) { return null; }
