package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.TransactionStore;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Health;
import io.handfast.tx.port.TransactionStore.Need;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store does, whatever it is on: the engine relies on nothing else. */
abstract class StoreContract {
  static final String SERVICE = "bank";
  static final String AUTHORITY = "bank-1:15014";

  /** One life of the sidecar with its store. */
  interface Life {
    TransactionStore store();

    /** Appends on the loop, and waits until something was told. */
    String write(Record record, Durability durability) throws Exception;

    /** The transactions and branches of which something is owed, as this life takes them up. */
    Set<Object> takenUp(int expected) throws Exception;

    /** The store is closed, and who does not know that goes on writing. */
    void close() throws Exception;

    /** The process dies: nothing is said to the store any more. */
    void die() throws Exception;
  }

  /** The next life on the same store. */
  abstract Life begin() throws Exception;

  @Test
  void shouldTakeUpInTheNextLifeWhatIsOwed() throws Exception {
    // Given
    Life first = begin();
    assertThat(first.write(begun(1), Durability.FORCED)).isEqualTo("durable");
    assertThat(first.write(begun(2), Durability.FORCED)).isEqualTo("durable");
    assertThat(first.write(decision(first, 3), Durability.FORCED)).isEqualTo("durable");
    assertThat(first.write(decision(first, 4), Durability.FORCED)).isEqualTo("durable");
    assertThat(first.write(branchEnded(2), Durability.LAZY)).isEqualTo("durable");
    assertThat(first.write(ended(4), Durability.LAZY)).isEqualTo("durable");

    // When
    first.die();
    Life second = begin();

    // Then
    assertThat(second.takenUp(2)).containsExactlyInAnyOrder(key(1), tx(3));
  }

  @Test
  void shouldKeepItsIdAndCountItsLives() throws Exception {
    // Given
    Life first = begin();
    String id = first.store().storeId();
    long incarnation = first.store().incarnation();

    // When
    first.die();
    Life second = begin();

    // Then
    assertThat(second.store().storeId()).isEqualTo(id).matches("[je]\\.[a-z0-9-]+");
    assertThat(second.store().incarnation()).isGreaterThan(incarnation);
    assertThat(second.store().health()).isEqualTo(new Health.Ready());
  }

  @Test
  void shouldTellAnOverlappedRecordWrittenBeforeItIsDurable() throws Exception {
    // Given
    Life life = begin();

    // When
    String told = life.write(begun(1), Durability.OVERLAPPED);

    // Then
    assertThat(told).isEqualTo("written, durable");
  }

  @Test
  void shouldTellInTheOrderInWhichABranchWasWritten() throws Exception {
    // Given
    Life first = begin();

    // When
    for (int i = 1; i <= 20; i++) {
      assertThat(first.write(begun(i), Durability.FORCED)).isEqualTo("durable");
      assertThat(first.write(branchEnded(i), Durability.LAZY)).isEqualTo("durable");
    }
    assertThat(first.write(begun(21), Durability.FORCED)).isEqualTo("durable");
    first.die();

    // Then
    assertThat(begin().takenUp(1)).containsExactly(key(21));
  }

  @Test
  void shouldRefuseForGoodWhatIsTooLargeAndGoOn() throws Exception {
    // Given
    Life first = begin();
    Record small = begun(1);
    Record large =
        small.toBuilder()
            .setBegun(
                small.getBegun().toBuilder()
                    .setConfirm(Completion.newBuilder().setPath("x".repeat(1 << 20))))
            .build();

    // When
    String told = first.write(large, Durability.FORCED);

    // Then: to offer it again would be in vain
    assertThat(told)
        .startsWith("refused for good: ")
        .contains(large.getSerializedSize() + " bytes (expected: at most 1048576");
    assertThat(first.store().health()).isEqualTo(new Health.Ready());
    assertThat(first.write(begun(2), Durability.FORCED)).isEqualTo("durable");
    first.die();
    assertThat(begin().takenUp(1)).containsExactly(key(2));
  }

  @Test
  void shouldTakeNothingOnceItIsClosed() throws Exception {
    // Given
    Life first = begin();
    assertThat(first.write(begun(1), Durability.FORCED)).isEqualTo("durable");

    // When
    first.close();
    String told = first.write(begun(2), Durability.FORCED);

    // Then
    assertThat(told).startsWith("refused");
    assertThat(first.store().health()).isInstanceOf(Health.Failed.class);
    first.die();
    assertThat(begin().takenUp(1)).containsExactly(key(1));
  }

  /** Collects what is told of one write. */
  static WriteCallback callback(java.util.function.Consumer<String> told) {
    List<String> words = new ArrayList<>();
    return new WriteCallback() {
      @Override
      public void onWritten() {
        words.add("written");
      }

      @Override
      public void onDurable() {
        end("durable");
      }

      @Override
      public void onRefused(String reason) {
        end("refused: " + reason);
      }

      @Override
      public void onRefusedForGood(String reason) {
        end("refused for good: " + reason);
      }

      @Override
      public void onInDoubt(String reason) {
        end("in doubt: " + reason);
      }

      private void end(String word) {
        words.add(word);
        told.accept(String.join(", ", words));
      }
    };
  }

  static void append(
      TransactionStore store,
      Record record,
      Durability durability,
      java.util.function.Consumer<String> told) {
    store.append(record, durability, Need.ESSENTIAL, callback(told));
  }

  /** What a replay leaves owed. */
  static Set<Object> owed(TransactionStore store) {
    LiveRecords live = new LiveRecords();
    store.replay(live::follow);
    return names(live.all());
  }

  static Set<Object> names(List<Record> records) {
    Set<Object> names = new java.util.HashSet<>();
    for (Record record : records) {
      names.add(
          record.hasDecision()
              ? Messages.txId(record.getDecision().getTxId())
              : LiveRecords.key(record.getBegun().getBranch()));
    }
    return names;
  }

  private static TxId tx(long number) {
    return TxId.of(1_750_000_000_000L, number, number);
  }

  private static ByteString bytes(long number) {
    return Messages.bytes(tx(number));
  }

  private static BranchKey key(long number) {
    return new BranchKey(tx(number), new BranchId(number));
  }

  private static Record begun(long number) {
    return Record.newBuilder()
        .setBegun(
            BranchBegun.newBuilder()
                .setBranch(
                    BranchRef.newBuilder()
                        .setTxId(bytes(number))
                        .setBranchId(number)
                        .setService(SERVICE)
                        .setParticipant(AUTHORITY)))
        .build();
  }

  private static Record branchEnded(long number) {
    return Record.newBuilder()
        .setBranchEnded(
            BranchEnded.newBuilder()
                .setTxId(bytes(number))
                .setBranchId(number)
                .setParticipant(AUTHORITY)
                .setOutcome(BranchOutcome.BRANCH_COMMITTED))
        .build();
  }

  private static Record decision(Life life, long number) {
    return Record.newBuilder()
        .setDecision(
            Decision.newBuilder()
                .setTxId(bytes(number))
                .setIncarnation(life.store().incarnation())
                .setService(SERVICE)
                .addBranches(
                    DecidedBranch.newBuilder().setBranchId(number).setParticipant(AUTHORITY)))
        .build();
  }

  private static Record ended(long number) {
    return Record.newBuilder()
        .setEnded(TransactionEnded.newBuilder().setTxId(bytes(number)))
        .build();
  }
}
