/** Every address of the console. Each page is its own chunk. */
import { Suspense, type ReactNode } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { useSession } from "./session/SessionContext";
import { lazyPage } from "./shared/lazyPage";

const Shell = lazyPage(() => import("./shared/layout/Shell"));
const NotFound = lazyPage(() => import("./shared/layout/NotFound"));
const LoginPage = lazyPage(() => import("./session/LoginPage"));
const SetupPage = lazyPage(() => import("./session/SetupPage"));
const OverviewPage = lazyPage(() => import("./overview/OverviewPage"));
const SourcesPage = lazyPage(() => import("./sources/SourcesPage"));
const SourcePage = lazyPage(() => import("./sources/SourcePage"));
const PersonsPage = lazyPage(() => import("./persons/PersonsPage"));
const PersonPage = lazyPage(() => import("./persons/PersonPage"));
const SuggestionsPage = lazyPage(() => import("./suggestions/SuggestionsPage"));
const ConflictsPage = lazyPage(() => import("./identity/ConflictsPage"));
const AudiencesPage = lazyPage(() => import("./audiences/AudiencesPage"));
const AudiencePage = lazyPage(() => import("./audiences/AudiencePage"));
const AudienceEditPage = lazyPage(() => import("./audiences/AudienceEditPage"));
const PackagesPage = lazyPage(() => import("./packages/PackagesPage"));
const PackagePage = lazyPage(() => import("./packages/PackagePage"));
const TagsPage = lazyPage(() => import("./tags/TagsPage"));
const TagPage = lazyPage(() => import("./tags/TagPage"));
const TagEditPage = lazyPage(() => import("./tags/TagEditPage"));
const CatalogPage = lazyPage(() => import("./catalog/CatalogPage"));
const EntryPage = lazyPage(() => import("./catalog/EntryPage"));
const LifecyclePage = lazyPage(() => import("./lifecycle/LifecyclePage"));
const ConnectorPage = lazyPage(() => import("./connectors/ConnectorPage"));
const CodesPage = lazyPage(() => import("./connectors/CodesPage"));
const CodePage = lazyPage(() => import("./connectors/CodePage"));
const JourneysPage = lazyPage(() => import("./journeys/JourneysPage"));
const JourneyPage = lazyPage(() => import("./journeys/JourneyPage"));
const CampaignsPage = lazyPage(() => import("./campaigns/CampaignsPage"));
const CampaignPage = lazyPage(() => import("./campaigns/CampaignPage"));
const ReviewPage = lazyPage(() => import("./campaigns/ReviewPage"));
const TemplatesPage = lazyPage(() => import("./templates/TemplatesPage"));
const TemplatePage = lazyPage(() => import("./templates/TemplatePage"));
const MessagesPage = lazyPage(() => import("./messages/MessagesPage"));
const SettingsPage = lazyPage(() => import("./settings/SettingsPage"));

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
          <Route path="/connectors" element={<SourcesPage tab="connectors" />} />
          <Route path="/connectors/:id" element={<ConnectorPage />} />
          <Route path="/codes" element={<CodesPage />} />
          <Route path="/codes/:id" element={<CodePage />} />
          <Route path="/persons" element={<PersonsPage />} />
          <Route path="/persons/:id" element={<PersonPage />} />
          <Route path="/suggestions" element={<SuggestionsPage />} />
          <Route path="/conflicts" element={<ConflictsPage />} />
          <Route path="/audiences" element={<AudiencesPage />} />
          <Route path="/audiences/new" element={<AudienceEditPage />} />
          <Route path="/audiences/:id" element={<AudiencePage />} />
          <Route path="/audiences/:id/edit" element={<AudienceEditPage />} />
          <Route path="/packages" element={<PackagesPage />} />
          <Route path="/packages/:id" element={<PackagePage />} />
          <Route path="/tags" element={<TagsPage />} />
          <Route path="/tags/new" element={<TagEditPage />} />
          <Route path="/tags/:id" element={<TagPage />} />
          <Route path="/tags/:id/edit" element={<TagEditPage />} />
          <Route path="/catalog" element={<CatalogPage kind="event" />} />
          <Route path="/catalog/traits" element={<CatalogPage kind="trait" />} />
          <Route path="/catalog/portrait" element={<CatalogPage kind="portrait" />} />
          <Route path="/catalog/:kind/:name" element={<EntryPage />} />
          <Route path="/lifecycle" element={<LifecyclePage />} />
          <Route path="/journeys" element={<JourneysPage />} />
          <Route path="/tasks" element={<JourneysPage tab="tasks" />} />
          <Route path="/journeys/:id" element={<JourneyPage />} />
          <Route path="/campaigns" element={<CampaignsPage />} />
          <Route path="/campaigns/:id" element={<CampaignPage />} />
          <Route path="/reviews/:id" element={<ReviewPage />} />
          <Route path="/journeys/:id/review" element={<ReviewPage />} />
          <Route path="/templates" element={<TemplatesPage />} />
          <Route path="/templates/:id" element={<TemplatePage />} />
          <Route path="/messages" element={<MessagesPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="/settings/:tab" element={<SettingsPage />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
