"""/api/campaigns: one-off sends to an audience. /api/reviews: what came of a campaign or journey."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, Response, get, post, put
from litestar.params import Dependency, Parameter

from siyu.accounts import Operator, requires
from siyu.campaigns import actions, export, holdout, why
from siyu.campaigns import review as reviews
from siyu.campaigns.review import Parts
from siyu.campaigns.types import (
    CalendarItem,
    CampaignView,
    Draft,
    Estimate,
    MemberView,
    NextAction,
    Review,
    TestRequest,
    Why,
)
from siyu.content import Parts as ContentParts
from siyu.content import TryRequest, TryResult, prepare_try
from siyu.kit import BadInput, Page, etag, language_of, parse_iso
from siyu.settings import HoldoutWish, change_global_holdout
from siyu.store import Store

After = Annotated[str | None, Parameter(max_length=400)]
Limit = Annotated[int, Parameter(ge=1, le=200)]
Needs = Annotated[Parts, Dependency(default=None, skip_validation=True)]
ContentNeeds = Annotated[ContentParts, Dependency(default=None, skip_validation=True)]
Moment = Annotated[str, Parameter(max_length=40)]
IfMatch = Annotated[str | None, Parameter(header="If-Match", description='The version you edited, e.g. `"3"`')]
_MOST_DAYS = 62 * 86_400_000


def _with_version(view: CampaignView) -> Response[CampaignView]:
    return Response(view, headers=etag(view.version))


class Campaigns(Controller):
    path = "/api/campaigns"
    tags = ("campaigns",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def list_campaigns(self, store: Store, after: After = None, limit: Limit = 50) -> Page[CampaignView]:
        """Newest first."""
        with store.state.read() as conn:
            return actions.list_campaigns(conn, after, limit)

    @post(guards=[requires("operator")], sync_to_thread=True)
    def create_campaign(self, data: Draft, store: Store, operator: Operator) -> Response[CampaignView]:
        with store.state.write() as conn:
            view = actions.create(conn, operator, data)
        return Response(view, status_code=201, headers=etag(view.version))

    @get("/calendar", guards=[requires("viewer")], sync_to_thread=True)
    def show_calendar(self, store: Store, since: Moment, until: Moment) -> Page[CalendarItem]:
        """Campaigns of a span of at most two months, each with who else writes to the same persons that day."""
        try:
            first, last = parse_iso(since), parse_iso(until)
        except ValueError as error:
            raise BadInput(detail="since and until are times with a zone.") from error
        if not 0 <= last - first <= _MOST_DAYS:
            raise BadInput(detail="until lies after since, by two months at most.")
        with store.state.read() as conn:
            return Page(actions.calendar(store, conn, first, last))

    @get("/{campaign:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_campaign(self, campaign: str, store: Store) -> Response[CampaignView]:
        with store.state.read() as conn:
            return _with_version(actions.view(conn, campaign))

    @put("/{campaign:str}", guards=[requires("operator")], sync_to_thread=True)
    def change_campaign(
        self, campaign: str, data: Draft, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[CampaignView]:
        """Only a draft changes."""
        with store.state.write() as conn:
            return _with_version(actions.change(conn, operator, campaign, data, if_match))

    @post("/{campaign:str}/estimate", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def estimate_campaign(self, campaign: str, store: Store) -> Estimate:
        """Everybody goes through the gate as it would answer at the start; nothing is sent. Needed before the start."""
        return actions.look_ahead(store, campaign)

    @post("/{campaign:str}/test", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def test_campaign(
        self, campaign: str, data: TestRequest, store: Store, operator: Operator, content_parts: ContentNeeds
    ) -> TryResult:
        """Send one of its contents to an address now."""
        wanted = TryRequest(data.address, data.person)
        with store.state.write() as conn:
            template = actions.template_id(conn, campaign, data.variant)
            channel, content = prepare_try(store, conn, operator, template, wanted)
        return content_parts.send(store, channel, content, data.address)

    @post("/{campaign:str}/start", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def start_campaign(self, campaign: str, store: Store, operator: Operator) -> CampaignView:
        """Send it, or have it sent when its time comes."""
        with store.state.write() as conn:
            return actions.start(conn, operator, campaign)

    @post("/{campaign:str}/stop", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def stop_campaign(self, campaign: str, store: Store, operator: Operator) -> CampaignView:
        """Nothing more goes out, also of what is queued."""
        with store.state.write() as conn:
            return actions.stop(conn, operator, campaign)

    @post("/{campaign:str}/resume", status_code=200, guards=[requires("operator")], sync_to_thread=True)
    def resume_campaign(self, campaign: str, store: Store, operator: Operator) -> CampaignView:
        """Go on with those who have got nothing yet."""
        with store.state.write() as conn:
            return actions.resume(conn, operator, campaign)

    @get("/{campaign:str}/members", guards=[requires("viewer")], sync_to_thread=True)
    def list_campaign_members(
        self,
        campaign: str,
        store: Store,
        in_state: Annotated[Literal["held", "waiting", "asked", "refused"] | None, Parameter(query="state")] = None,
        after: After = None,
        limit: Limit = 50,
    ) -> Page[MemberView]:
        """Who is in it, and where each stands."""
        with store.state.read() as conn:
            return why.list_members(conn, campaign, in_state, after, limit)

    @get("/{campaign:str}/why/{person:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_campaign_why(self, campaign: str, person: str, store: Store) -> Why:
        """Every decision about one person, in order."""
        with store.state.read() as conn:
            return why.why(conn, campaign, person)


class Reviews(Controller):
    path = "/api/reviews"
    tags = ("campaigns",)

    @get("/{subject:str}", guards=[requires("viewer")], sync_to_thread=True)
    def show_review(self, subject: str, store: Store, review_parts: Needs) -> Review:
        """What came of a campaign or journey until now."""
        return reviews.review(store, subject, review_parts)

    @put("/{subject:str}", guards=[requires("operator")], sync_to_thread=True)
    def decide_next(
        self, subject: str, data: NextAction, store: Store, operator: Operator, review_parts: Needs
    ) -> Review:
        """Write down what follows from it."""
        return reviews.decide(store, operator, subject, data, review_parts)

    @get("/{subject:str}/export", guards=[requires("viewer")], sync_to_thread=True)
    def export_review(
        self,
        subject: str,
        store: Store,
        review_parts: Needs,
        kind: Annotated[Literal["csv", "xlsx"], Parameter(query="format")] = "xlsx",
        accept: Annotated[str | None, Parameter(header="Accept-Language")] = None,
    ) -> Response[bytes]:
        """The review as a file."""
        language: Literal["zh", "en"] = "zh" if language_of(accept) == "zh" else "en"
        parts = export.sheets(reviews.review(store, subject, review_parts), language)
        data = export.as_csv(parts) if kind == "csv" else export.as_xlsx(parts)
        types = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        name = f'attachment; filename="review-{subject}.{kind}"'
        return Response(data, media_type=types[kind], headers={"Content-Disposition": name})


class Holdout(Controller):
    path = "/api/holdout"
    tags = ("campaigns",)

    @get(guards=[requires("viewer")], sync_to_thread=True)
    def show_holdout(self, store: Store) -> Response[holdout.HoldoutView]:
        """The share of all persons who get no marketing from any journey or campaign."""
        with store.state.read() as conn:
            found = holdout.view(conn)
        return Response(found, headers=etag(found.version))

    @put(guards=[requires("admin")], sync_to_thread=True)
    def change_holdout(
        self, data: HoldoutWish, store: Store, operator: Operator, if_match: IfMatch = None
    ) -> Response[holdout.HoldoutView]:
        with store.state.write() as conn:
            found = holdout.view_of(change_global_holdout(conn, operator, data, if_match))
        return Response(found, headers=etag(found.version))

    @get("/report", guards=[requires("viewer")], sync_to_thread=True)
    def show_holdout_report(
        self, store: Store, days: Annotated[int, Parameter(ge=1, le=365)] = 30
    ) -> holdout.HoldoutReport:
        """Revenue and orders a person within so many days, everyone against the holdout."""
        return holdout.report(store, days)
