package slackui

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// proofs name, for every threat and every promise of delivery, the tests that show how it
// is answered. Whoever renames or deletes one of them is asked to look here.
var proofs = map[string][]string{
	// What the Slack side of the bot is threatened by.
	"any member of the channel presses Approve": {"engine.TestRefusedApproval", "slackui.TestWhoMayDecide", "stage.TestWhoMay"},
	"people of other companies":                 {"slackui.TestWhichPeopleAreBarred", "stage.TestWhoMay"},
	"channels shared with other companies": {
		"slackui.TestASharedChannelIsRefusedAndRecorded", "slackui.TestWhichSharingCounts", "slackui.TestAChannelThatIsBeingSharedIsRefusedAtOnce",
		"slackui.TestAChannelThatCannotBeReadIsRefused", "slackui.TestAMentionFromASharedChannelIsTurnedAway",
	},
	"the wrong flag: is_stranger, is_shared": {"slackui.TestWhichPeopleAreBarred", "slackui.TestWhichSharingCounts"},
	"guests":                                 {"slackui.TestWhichPeopleAreBarred", "slackui.TestTheFormIsNotForEverybody", "stage.TestWhoMay"},
	"deactivated people and bots":            {"slackui.TestWhichPeopleAreBarred", "slackui.TestWhoMayDecide", "slackui.TestEditsAndBotsAreNotHeard"},
	"stale permissions, read again":          {"slackui.TestDecidingIsReadAtTheClick", "slackui.TestWhoIsOnCallIsAtMostAMinuteOld", "slackui.TestAChangedGroupIsReadAnew", "slackui.TestMembersMayAskFromMemoryForAMinute"},
	"permissions that cannot be read": {
		"slackui.TestWhatCannotBeReadIsRefused", "slackui.TestAWorkspaceWithoutUserGroupsUsesTheList", "slackui.TestTheSourcesAreAskedInOrder", "slackui.TestAnOldListOfPeopleIsShownAndDecidesNothing",
	},
	"self-approval, also by a second account": {
		"engine.TestSelfApproval", "engine.TestTwoPeople", "scale.TestApprovalsAreByDifferentPeople", "slackui.TestTheOrganisationsIDIsPartOfAPerson",
	},
	"replay, double click, two approvers": {
		"engine.TestTwoApprovers", "engine.TestKeyAndQuota", "slackui.TestADoubledEventIsHandledOnce", "engine.TestDrift", "engine.TestExpiry", "engine.TestRefusedApproval",
	},
	"old buttons":                  {"slackui.TestOldButtonsAreTakenOff", "slackui.TestButtonsFitTheState", "engine.TestExpiry"},
	"edited messages":              {"slackui.TestEditsAndBotsAreNotHeard", "slackui.TestARefusalEchoesWhatWasUnderstood"},
	"markup in foreign text":       {"slackui.TestForeignTextIsHarmless", "slackui.TestNoForeignTextReachesSlackUnescaped", "slackui.TestTextIsCappedByCharactersBeforeItIsEscaped", "slackui.TestMessagesCarryIDsOnlyAndNoLinks"},
	"links that lie":               {"slackui.TestMessagesCarryIDsOnlyAndNoLinks"},
	"data that leaks":              {"slackui.TestMessagesCarryIDsOnlyAndNoLinks", "slackui.TestASharedChannelIsRefusedAndRecorded", "slackui.TestTheFormIsNotForEverybody"},
	"another app's /scale":         {"manifests.TestTheInstallationGuideWarnsOfTheCommandsName"},
	"slash text":                   {"commands.TestLanguage", "commands.TestTextIsBounded", "commands.TestParseSaysWhy", "commands.FuzzParse"},
	"ephemeral is no record":       {"audit.TestARefusalIsRecordedInFull", "engine.TestTransitionsAreOneLineEach", "engine.TestWhatIsTurnedAwayIsRecorded", "commands.TestEveryRefusalIsHandedOverOnce"},
	"logs":                         {"slackui.TestNoTokenIsEverTold", "slackui.TestTheLogHasNoMessages"},
	"impersonation":                {"manifests.TestSlackAppIsWhatTheCodeUses", "slackui.TestAnothersMessageIsNotOurs"},
	"flooding":                     {"engine.TestHammeringIsCountedAndFillsNothing", "engine.TestKeyAndQuota", "engine.TestAChannelHasItsPace", "scale.TestRefusalsLeaveRoomForOthers", "slackui.TestPublicAnswersHaveTheirPace", "slackui.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook"},
	"storms of retries":            {"slackui.TestAReconnectStormIsSlowedDown", "manifests.TestReplicasFitSlacksConnections"},
	"fields missing or null":       {"slackui.TestWhichPeopleAreBarred", "slackui.TestWhatCannotBeReadIsAcknowledged"},
	"payloads that cannot be read": {"slackui.FuzzEnvelopes", "slackui.TestWhatCannotBeReadIsAcknowledged"},

	// What delivery promises (issue 3, item 4).
	"one message a second and channel":           {"slackui.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook", "slackui.TestChannelsDoNotWaitForEachOther"},
	"edits coalesced":                            {"slackui.TestAtMostOneMessageASecondGoesToAChannelAndOnlyTheNewestLook", "slackui.TestAnUnchangedLookIsNotSentAgain"},
	"outcome before progress":                    {"slackui.TestAnOutcomeGoesBeforeProgress"},
	"Retry-After":                                {"slackui.TestRetryAfterIsHonouredAndNothingIsLost", "slackui.TestRetryAfterOfAnEditHoldsEditsAndNotPosts"},
	"unknown outcome looked up before resending": {"slackui.TestAnUnknownOutcomeIsLookedUpBeforeItIsSentAgain", "slackui.TestAfterARestartAPostIsLookedUpFirst", "slackui.TestAReportWhoseFateIsUnknownIsFoundInItsThread"},
	"invalid_blocks falls back":                  {"slackui.TestRefusedBlocksAreSentAsText", "slackui.TestRefusedBlocksOfAnEditAreSentAsText", "slackui.TestARefusedChartBecomesAPicture", "slackui.TestAWorkspaceWithoutChartsGetsAPicture"},
	"deleted parent":                             {"slackui.TestADeletedCardIsPostedAnew", "slackui.TestADeletedCardComesBackWithItsReports", "slackui.TestAReportUnderADeletedCardIsThere", "stage.TestRooms"},
	"archived channel": {
		"slackui.TestRefusalsForGoodAreToldInWords", "slackui.TestAReportOfAnArchivedChannelComesToTheAlertChannel", "slackui.TestAReportWithoutAnyChannelComesToWhoAsked",
		"slackui.TestAReportOfAnUnpostedCardIsNotLost", "slackui.TestAnAlertOfAnArchivedChannelComesToThePeopleOnCall", "slackui.TestALostCardIsToldAside",
		"slackui.TestABrokenGlassIsToldWhereChannelsAreGone", "engine.TestACardLeftBehind", "engine.TestALostCardIsToldAfterACrash", "stage.TestRooms",
	},
	"please /invite by the response URL": {"slackui.TestTheInvitationGoesByTheResponseURL", "slackui.TestAPersonInAChannelWithoutTheBotIsAnswered", "slackui.TestAUsedUpResponseURLIsReplacedByAnEphemeralMessage", "stage.TestRooms"},
	"edits reach Slack in the end":       {"slackui.TestAnEditIsRepeatedUntilSlackTakesIt", "slackui.TestWaitingEditsReachSlackWhenTheBotStops", "slackui.TestInTheEndSlackShowsEveryOperationOnce"},
}

// Every threat that SECURITY.md defends against, and every promise about delivery, has tests,
// and they exist.
func TestEveryThreatAndPromiseHasItsProof(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests := map[string]bool{}
	for pkg, dir := range map[string]string{
		"scale": "../scale", "engine": "../engine", "commands": "../commands", "slackui": ".", "audit": "../audit", "stage": "../stage", "manifests": "../../manifests",
	} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests of %s: %v", pkg, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range declared.FindAllSubmatch(source, -1) {
				tests[pkg+"."+string(found[1])] = true
			}
		}
	}
	for line, names := range proofs {
		if len(names) == 0 {
			t.Errorf("%s: nothing proves it", line)
		}
		for _, name := range names {
			if !tests[name] {
				t.Errorf("%s: there is no test %s", line, strings.TrimSpace(name))
			}
		}
	}
}
