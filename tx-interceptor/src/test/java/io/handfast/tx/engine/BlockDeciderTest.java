package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import org.junit.jupiter.api.Test;

/** Who decides about what is prepared is whom its name says; its handle says which block (T20). */
class BlockDeciderTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;

  @Test
  void shouldBelieveNobodyButTheDeciderThatTheNameSaysT20() {
    // Given: the bank has restarted, and knows nothing but what its database holds
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    story.bank.restart();

    // When
    OutcomeResult told = bank.tell(name, "front", "thief");
    story.pass(100);

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(database.prepared()).containsExactly(name);
    assertThat(story.bank.count("handfast.tx.outcome.refused")).isPositive();
    assertThat(bank.tell(name, "front", "front").getAcknowledgement())
        .isEqualTo(Acknowledgement.DONE);
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldBelieveNobodyAboutWhatNoScanShowsT20() {
    // Given: so much is prepared that a scan does not show it
    bank.callBank();
    String name = bank.prepared();
    story.bankAnswers(200);
    database.hides = true;
    story.bank.restart();

    // When
    OutcomeResult told = bank.tell(name, "front", "thief");
    story.pass(100);

    // Then
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.WORKING);
    assertThat(database.prepared()).containsExactly(name);
    database.hides = false;
    assertThat(bank.tell(name, "front", "thief").getAcknowledgement())
        .isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(bank.tell(name, "front", "front").getAcknowledgement())
        .isEqualTo(Acknowledgement.DONE);
    assertThat(database.committed).containsExactly(name);
  }

  @Test
  void shouldNotAcknowledgeForADatabaseThatIsNotConfigured() {
    OutcomeItem item =
        Control.item(Control.STRANGE, 7, Outcome.COMMIT, "j.bank").toBuilder()
            .setHandle("ledger/1.700")
            .build();
    OutcomeResult told = bank.told(item, "front");
    assertThat(told.getAcknowledgement()).isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(told.getDetail()).contains("ledger/1.700");
  }

  @Test
  void shouldAnswerInquiriesByHandleT14() {
    // Given
    bank.callBank();
    GlobalId name = requireNonNull(GlobalId.parse(bank.prepared()));
    assertThat(bank.inquire(name, name.handle("bank")).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.PENDING);
    story.bankAnswers(200);
    story.mesh.loses = (kind, item) -> "outcome".equals(kind);

    // When
    story.frontAnswers(201).pass(50);

    // Then
    assertThat(bank.inquire(name, name.handle("bank")).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.COMMITTED);
    assertThat(bank.inquire(name, new BlockHandle("bank", 2, 701)).getAnswer())
        .isEqualTo(io.handfast.transaction.v1.Answer.ABORTED);
  }

  @Test
  void shouldRefuseAnAuthorityThatNoNameHasRoomFor() {
    EngineConfig plain = EngineConfig.of("bank", new Authority("b".repeat(120), 15014));
    assertThatThrownBy(() -> story.bank.configure(plain))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("authority: bbb")
        .hasMessageContaining("expected: at most");
  }
}
