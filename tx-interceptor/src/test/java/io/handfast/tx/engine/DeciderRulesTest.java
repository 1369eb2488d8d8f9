package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.port.Peer;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whose outcome is believed: T20. In a story every sidecar proves who it is. */
class DeciderRulesTest {
  private static final String REFUSED = "handfast.tx.outcome.refused";
  private static final Peer THIEF = new Peer.Proved(Set.of(Mesh.identity("thief")));
  private static final Peer REPLICA =
      new Peer.Proved(Set.of(Mesh.identity("front"), new PeerIdentity("front-1.example")));

  private final Story story = new Story();
  private final Control control = new Control(story);

  private OutcomeItem outcome(Outcome outcome) {
    return Control.item(control.tx(), control.branch(), outcome, "j.bank");
  }

  @Test
  void shouldNotBelieveAnOutcomeThatAnotherCertificateTellsT20() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    OutcomeResult commit = control.tell(story.bank, THIEF, outcome(Outcome.COMMIT));
    OutcomeResult abort = control.tell(story.bank, THIEF, outcome(Outcome.ABORT));
    OutcomeResult nameless =
        control.tell(story.bank, new Peer.Proved(Set.of()), outcome(Outcome.ABORT));

    // Then
    assertThat(commit.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(commit.getDetail()).contains("(expected: the store and the certificate");
    assertThat(abort).isEqualTo(commit);
    assertThat(nameless).isEqualTo(commit);
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.count(REFUSED)).isEqualTo(3);

    // When
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    story.assertSettled();
  }

  @Test
  void shouldBelieveAnyPeerThatHasTheRecordedIdentityT20() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    OutcomeResult result = control.tell(story.bank, REPLICA, outcome(Outcome.ABORT));
    story.pass(50);

    // Then
    assertThat(result.getAcknowledgement()).isNotEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).singleElement().asString().contains("/cancel/");
    assertThat(story.bank.count(REFUSED)).isZero();
  }

  @Test
  void shouldCarryOutOnceWhatIsToldAgainAndRefuseItsReplayByAnotherT20() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(50);
    assertThat(story.bank.completions).hasSize(1);

    // When
    OutcomeResult again = control.tell(story.bank, REPLICA, outcome(Outcome.COMMIT));
    OutcomeResult replayed = control.tell(story.bank, THIEF, outcome(Outcome.COMMIT));

    // Then
    assertThat(again.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(replayed.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).hasSize(1);
    assertThat(story.bank.count(REFUSED)).isEqualTo(1);
  }

  @Test
  void shouldRememberWhoDecidesAfterARestartT20() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.mesh.loses = (kind, item) -> kind.equals("inquire");
    story.bank.restart();

    // When
    OutcomeResult result = control.tell(story.bank, THIEF, outcome(Outcome.COMMIT));

    // Then
    assertThat(result.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).isEmpty();
  }

  @Test
  void shouldRememberWhoDecidedOfABranchThatHadEndedBeforeARestartT20() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);
    story.bank.restart();

    // When
    OutcomeResult again = control.tell(story.bank, REPLICA, outcome(Outcome.COMMIT));
    OutcomeResult replayed = control.tell(story.bank, THIEF, outcome(Outcome.COMMIT));

    // Then
    assertThat(again.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(replayed.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.count(REFUSED)).isEqualTo(1);
  }

  @Test
  void shouldNotBelieveAnAnswerFromSomebodyElseAtTheDecidersAddressT20() {
    // Given: a blank sidecar at the decider's address would say that nothing was ever decided
    story.begin().callBank().bankAnswers(200);
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.frontAnswers(200).pass(50);
    story.mesh.certificates = name -> THIEF;

    // When
    story.bank.restart();
    story.pass(20_000);

    // Then
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.count(REFUSED)).isGreaterThan(1);

    // When
    story.mesh.certificates = name -> new Peer.Proved(Set.of(Mesh.identity(name)));
    story.mesh.loses = (kind, item) -> false;
    story.pass(20_000);

    // Then
    assertThat(story.bank.completions).singleElement().asString().contains("/confirm/");
    story.assertSettled();
  }

  @Test
  void shouldLetACallInThatAStrangerToldTheAbortOfT20() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    TestFields wire = call.wire();
    long branch =
        Long.parseUnsignedLong(String.valueOf(wire.first("tx-context")).substring(36, 52), 16);
    OutcomeItem abort = Control.item(control.tx(), branch, Outcome.ABORT, "j.bank");

    // When
    control.tell(story.bank, THIEF, abort);
    InboundProbe served =
        story.bank.inbound(Policies.participant(Policies.callback()), "POST", "/", wire);
    story.pass(2);

    // Then
    assertThat(served.forwarded).isNotNull();
    assertThat(story.bank.count(REFUSED)).isEqualTo(1);
  }

  @Test
  void shouldRefuseAContextThatNamesNobodyT20() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    String context = String.valueOf(call.wire().first("tx-context"));
    TestFields nameless = TestFields.of("tx-context", context.replaceFirst(";i=[^;]*", ""));

    // When
    InboundProbe served =
        story.bank.inbound(Policies.participant(Policies.callback()), "POST", "/", nameless);

    // Then
    assertThat(served.refused().status()).isEqualTo(400);
    assertThat(served.refused().detail()).contains("no i=<identity> (expected: ");
  }

  @Test
  void shouldTakeEverybodyAtHisWordWhereNobodyProvesAnythingT20() {
    // Given
    story.front.configure(EngineConfig.of("front", story.front.authority()));
    story.bank.configure(EngineConfig.of("bank", story.bank.authority()));
    story.mesh.certificates = name -> new Peer.Unproved();
    story.begin().callBank().bankAnswers(200);
    assertThat(story.call().wire().first("tx-context")).doesNotContain(";i=");

    // When
    OutcomeResult result = control.tell(story.bank, new Peer.Unproved(), outcome(Outcome.ABORT));
    story.pass(50);

    // Then
    assertThat(result.getAcknowledgement()).isNotEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(story.bank.completions).singleElement().asString().contains("/cancel/");
  }
}
