package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// answers name, for every threat and every promise of delivery, the tests that show how it
// is answered. Whoever renames or deletes one of them is asked to look here.
var answers = map[string][]string{
	// What the Slack side of the bot is threatened by.
	"any member of the channel presses Approve": {"engine.TestRefusedApproval", "slackui/inbox.TestWhoMayDecide", "stage.TestWhoMay"},
	"people of other companies":                 {"slackui/people.TestWhichPeopleAreBarred", "stage.TestWhoMay"},
	"channels shared with other companies": {
		"slackui/inbox.TestASharedChannelIsRefusedAndRecorded", "slackui/people.TestWhichSharingCounts", "slackui/inbox.TestAChannelThatIsBeingSharedIsRefusedAtOnce",
		"slackui/inbox.TestAChannelThatCannotBeReadIsRefused", "slackui/inbox.TestAMentionFromASharedChannelIsTurnedAway",
	},
	"the wrong flag: is_stranger, is_shared": {"slackui/people.TestWhichPeopleAreBarred", "slackui/people.TestWhichSharingCounts"},
	"guests":                                 {"slackui/people.TestWhichPeopleAreBarred", "slackui/inbox.TestTheFormIsNotForEverybody", "stage.TestWhoMay"},
	"deactivated people and bots":            {"slackui/people.TestWhichPeopleAreBarred", "slackui/inbox.TestWhoMayDecide", "slackui/inbox.TestEditsAndBotsAreNotHeard"},
	"stale permissions, read again":          {"slackui/inbox.TestDecidingIsReadAtTheClick", "slackui/inbox.TestWhoIsOnCallIsAtMostAMinuteOld", "slackui/inbox.TestAChangedGroupIsReadAnew", "slackui/inbox.TestMembersMayAskFromMemoryForAMinute"},
	"permissions that cannot be read": {
		"slackui/inbox.TestWhatCannotBeReadIsRefused", "slackui/inbox.TestAWorkspaceWithoutUserGroupsUsesTheList", "slackui/inbox.TestTheSourcesAreAskedInOrder", "slackui/inbox.TestAnOldListOfPeopleIsShownAndDecidesNothing",
	},
	"self-approval, also by a second account": {
		"engine.TestSelfApproval", "engine.TestTwoPeople", "ledger.TestApprovalsAreByDifferentPeople", "slackui/people.TestTheOrganisationsIDIsPartOfAPerson",
	},
	"replay, double click, two approvers": {
		"engine.TestTwoApprovers", "engine.TestKeyAndQuota", "slackui/inbox.TestADoubledEventIsHandledOnce", "engine.TestDrift", "engine.TestExpiry", "engine.TestRefusedApproval",
	},
	"old buttons":                  {"slackui/inbox.TestOldButtonsAreTakenOff", "slackui/cards.TestButtonsFitTheState", "engine.TestExpiry"},
	"edited messages":              {"slackui/inbox.TestEditsAndBotsAreNotHeard", "slackui/cards.TestARefusalEchoesWhatWasUnderstood"},
	"markup in foreign text":       {"slackui/cards.TestForeignTextIsHarmless", "slackui/cards.TestNoForeignTextReachesSlackUnescaped", "slackui/cards.TestTextIsCappedByCharactersBeforeItIsEscaped", "slackui/outbox.TestMessagesCarryIDsOnlyAndNoLinks"},
	"links that lie":               {"slackui/outbox.TestMessagesCarryIDsOnlyAndNoLinks"},
	"data that leaks":              {"slackui/outbox.TestMessagesCarryIDsOnlyAndNoLinks", "slackui/inbox.TestASharedChannelIsRefusedAndRecorded", "slackui/inbox.TestTheFormIsNotForEverybody"},
	"another app's /scale":         {"manifests.TestTheInstallationGuideWarnsOfTheCommandsName"},
	"slash text":                   {"commands.TestLanguage", "commands.TestTextIsBounded", "commands.TestParseSaysWhy", "commands.FuzzParse"},
	"ephemeral is no record":       {"audit.TestARefusalIsRecordedInFull", "engine.TestTransitionsAreOneLineEach", "engine.TestWhatIsTurnedAwayIsRecorded", "commands.TestEveryRefusalIsHandedOverOnce"},
	"logs":                         {"slackui/api.TestNoTokenIsEverTold", "slackui/inbox.TestTheLogHasNoMessages"},
	"impersonation":                {"manifests.TestSlackAppIsWhatTheCodeUses", "slackui/outbox.TestAnothersMessageIsNotOurs"},
	"flooding":                     {"engine.TestHammeringIsCountedAndFillsNothing", "engine.TestKeyAndQuota", "engine.TestAChannelHasItsPace", "ledger.TestRefusalsLeaveRoomForOthers", "slackui/inbox.TestPublicAnswersHaveTheirPace", "slackui/outbox.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook"},
	"storms of retries":            {"slackui/inbox.TestAReconnectStormIsSlowedDown", "manifests.TestReplicasFitSlacksConnections"},
	"fields missing or null":       {"slackui/people.TestWhichPeopleAreBarred", "slackui/inbox.TestWhatCannotBeReadIsAcknowledged"},
	"payloads that cannot be read": {"slackui/inbox.FuzzEnvelopes", "slackui/inbox.TestWhatCannotBeReadIsAcknowledged"},

	// What delivery promises.
	"one message a second and channel":           {"slackui/outbox.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook", "slackui/outbox.TestChannelsDoNotWaitForEachOther"},
	"edits coalesced":                            {"slackui/outbox.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook", "slackui/outbox.TestAnUnchangedLookIsNotSentAgain"},
	"outcome before progress":                    {"slackui/outbox.TestAnOutcomeGoesBeforeProgress"},
	"Retry-After":                                {"slackui/outbox.TestRetryAfterIsHonouredAndNothingIsLost", "slackui/outbox.TestRetryAfterOfAnEditHoldsEditsAndNotPosts"},
	"unknown outcome looked up before resending": {"slackui/outbox.TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain", "slackui/outbox.TestAfterARestartAPostIsLookedUpFirst", "slackui/inbox.TestAReportWhoseFateIsUnknownIsFoundInItsThread"},
	"invalid_blocks falls back":                  {"slackui/outbox.TestRefusedBlocksAreSentAsText", "slackui/outbox.TestRefusedBlocksOfAnEditAreSentAsText", "slackui/outbox.TestARefusedChartBecomesAPicture", "slackui/inbox.TestAWorkspaceWithoutChartsGetsAPicture"},
	"deleted parent":                             {"slackui/outbox.TestADeletedCardIsPostedAnew", "slackui/inbox.TestADeletedCardComesBackWithItsReports", "slackui/inbox.TestAReportUnderADeletedCardIsThere", "stage.TestRooms"},
	"archived channel": {
		"slackui/outbox.TestRefusalsForGoodAreToldInWords", "slackui/inbox.TestAReportOfAnArchivedChannelComesToTheAlertChannel", "slackui/inbox.TestAReportWithoutAnyChannelComesToWhoAsked",
		"slackui/inbox.TestAReportOfAnUnpostedCardIsNotLost", "slackui/inbox.TestAnAlertOfAnArchivedChannelComesToThePeopleOnCall", "slackui/inbox.TestALostCardIsToldAside",
		"slackui/inbox.TestABrokenGlassIsToldWhereChannelsAreGone", "engine.TestACardLeftBehind", "engine.TestALostCardIsToldAfterACrash", "stage.TestRooms",
	},
	"please /invite by the response URL": {"slackui/inbox.TestTheInvitationGoesByTheResponseURL", "slackui/inbox.TestAPersonInAChannelWithoutTheBotIsAnswered", "slackui/inbox.TestAUsedUpResponseURLIsReplacedByAnEphemeralMessage", "stage.TestRooms"},
	"edits reach Slack in the end":       {"slackui/outbox.TestAnEditIsRepeatedUntilSlackTakesIt", "slackui/outbox.TestWaitingEditsReachSlackWhenTheBotStops", "slackui/outbox.TestInTheEndSlackShowsEveryOperationOnce"},
}

// Every threat that SECURITY.md defends against, and every promise about delivery, has tests,
// and they exist. A test is named by its package, without internal/.
func TestEveryThreatAndPromiseHasItsProof(t *testing.T) {
	tests := declaredTests(t)
	for line, names := range answers {
		if len(names) == 0 {
			t.Errorf("%s: nothing proves it", line)
		}
		for _, name := range names {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", line, name)
			}
		}
	}
}

// declaredTests are the tests of the module by package and name.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests := map[string]bool{}
	for _, root := range []string{"internal", "manifests"} {
		err := filepath.WalkDir(filepath.Join("../..", root), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			pkg := strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../../"), "internal/")
			for _, found := range declared.FindAllSubmatch(source, -1) {
				tests[pkg+"."+string(found[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tests
}
