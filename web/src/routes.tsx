/** Every address of the console. Each page is its own chunk. */
import { lazy, Suspense, type ReactNode } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { useSession } from "./session/SessionContext";

const Shell = lazy(() => import("./shared/layout/Shell"));
const NotFound = lazy(() => import("./shared/layout/NotFound"));
const LoginPage = lazy(() => import("./session/LoginPage"));
const SetupPage = lazy(() => import("./session/SetupPage"));
const OverviewPage = lazy(() => import("./overview/OverviewPage"));
const SourcesPage = lazy(() => import("./sources/SourcesPage"));
const SourcePage = lazy(() => import("./sources/SourcePage"));
const PersonsPage = lazy(() => import("./persons/PersonsPage"));
const PersonPage = lazy(() => import("./persons/PersonPage"));
const AudiencesPage = lazy(() => import("./audiences/AudiencesPage"));
const AudiencePage = lazy(() => import("./audiences/AudiencePage"));
const AudienceEditPage = lazy(() => import("./audiences/AudienceEditPage"));
const JourneysPage = lazy(() => import("./journeys/JourneysPage"));
const JourneyPage = lazy(() => import("./journeys/JourneyPage"));
const MessagesPage = lazy(() => import("./messages/MessagesPage"));
const SettingsPage = lazy(() => import("./settings/SettingsPage"));

function SignedIn({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const { pathname, search } = useLocation();
  if (session.needs_setup) return <Navigate to="/setup" replace />;
  if (!session.operator) {
    const here = pathname + search;
    return <Navigate to={here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`} replace />;
  }
  return children;
}

export function AppRoutes() {
  return (
    <Suspense fallback={null}>
      <Routes>
        <Route path="/setup" element={<SetupPage />} />
        <Route path="/login" element={<LoginPage />} />
        <Route
          element={
            <SignedIn>
              <Shell />
            </SignedIn>
          }
        >
          <Route index element={<OverviewPage />} />
          <Route path="/sources" element={<SourcesPage />} />
          <Route path="/sources/:id" element={<SourcePage />} />
          <Route path="/debugger" element={<SourcesPage tab="debugger" />} />
          <Route path="/quarantine" element={<SourcesPage tab="quarantine" />} />
          <Route path="/imports" element={<SourcesPage tab="imports" />} />
          <Route path="/persons" element={<PersonsPage />} />
          <Route path="/persons/:id" element={<PersonPage />} />
          <Route path="/audiences" element={<AudiencesPage />} />
          <Route path="/audiences/new" element={<AudienceEditPage />} />
          <Route path="/audiences/:id" element={<AudiencePage />} />
          <Route path="/audiences/:id/edit" element={<AudienceEditPage />} />
          <Route path="/journeys" element={<JourneysPage />} />
          <Route path="/journeys/:id" element={<JourneyPage />} />
          <Route path="/messages" element={<MessagesPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="/settings/:tab" element={<SettingsPage />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
