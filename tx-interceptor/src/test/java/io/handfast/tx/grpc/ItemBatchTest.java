package io.handfast.tx.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.tx.grpc.ItemBatch.Waiting;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What goes together to one peer, and when. */
final class ItemBatchTest {
  private record Sent(List<?> items, Consumer<Status> over) {}

  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ControlMeters meters = new ControlMeters(registry);
  private int silences;
  private final ItemBatch<VoteItem, String> batch =
      new ItemBatch<>(new Turns(), this::send, meters.vote, () -> silences++);

  private void send(List<Waiting<VoteItem, String>> items, Consumer<Status> over) {
    sent.add(new Sent(items, over));
  }

  @Test
  void shouldSendTogetherWhatOneTurnOfTheLoopSays() {
    // When
    add(3);
    assertThat(sent).as("nothing leaves before the turn ends").isEmpty();
    turn();
    add(1);
    turn();

    // Then
    assertThat(sent).extracting(it -> it.items().size()).containsExactly(3, 1);
    assertThat(registry.get("handfast.tx.control.batch").tag("rpc", "vote").summary().totalAmount())
        .isEqualTo(4);
  }

  @Test
  void shouldGatherWhileAsManyMessagesAsMayBeAreUnanswered() {
    // Given
    for (int i = 0; i < ControlLimits.MAX_UNANSWERED; i++) {
      add(1);
      turn();
    }

    // When
    add(2);
    turn();
    add(3);
    turn();
    assertThat(sent).hasSize(ControlLimits.MAX_UNANSWERED);
    sent.getFirst().over().accept(Status.OK);
    turn();

    // Then
    assertThat(sent).hasSize(ControlLimits.MAX_UNANSWERED + 1);
    assertThat(sent.getLast().items()).hasSize(5);
  }

  @Test
  void shouldFillAMessageUpToItsBoundsOfItemsAndBytes() {
    // When
    add(ControlLimits.MAX_ITEMS + 1);
    turn();
    add(large(ControlLimits.MAX_BATCH_BYTES / 2 - 100));
    add(large(ControlLimits.MAX_BATCH_BYTES / 2 - 100));
    add(large(ControlLimits.MAX_BATCH_BYTES + 100));
    add(1);
    turn();

    // Then
    assertThat(sent)
        .extracting(it -> it.items().size())
        .containsExactly(ControlLimits.MAX_ITEMS, 1, 2, 1, 1);
  }

  @Test
  void shouldTellWhoeverIsTooManyThatItWasNotSent() {
    // Given
    for (int i = 0; i < ControlLimits.MAX_UNANSWERED; i++) {
      add(1);
      turn();
    }
    add(ControlLimits.MAX_WAITING);
    turn();

    // When
    add(1);

    // Then
    assertThat(failures).singleElement().asString().contains("16384 items").contains("(expected: ");
  }

  @Test
  void shouldSayThatThePeerIsSilentWhenAMessageIsNotAnsweredInTime() {
    // Given
    add(1);
    turn();
    add(1);
    turn();

    // When
    sent.getFirst().over().accept(Status.UNAVAILABLE);
    sent.getLast().over().accept(Status.DEADLINE_EXCEEDED);
    turn();

    // Then
    assertThat(silences).isEqualTo(1);
    assertThat(registry.get("handfast.tx.control.unanswered").tag("rpc", "vote").counter().count())
        .isEqualTo(2);
  }

  private void add(int items) {
    for (int i = 0; i < items; i++) {
      add(VoteItem.getDefaultInstance());
    }
  }

  private static VoteItem large(int bytes) {
    return VoteItem.newBuilder().setTxId(ByteString.copyFrom(new byte[bytes])).build();
  }

  private void add(VoteItem item) {
    batch.add(
        item,
        new Peers.Reply<>() {
          @Override
          public void onResult(String result) {
            failures.add(result);
          }

          @Override
          public void onFailure(String reason) {
            failures.add(reason);
          }
        });
  }

  private void turn() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** A loop whose turns the test takes. */
  private final class Turns implements EngineLoop {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long epochMillis() {
      return 0;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      throw new AssertionError("a batch has no timer");
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }
  }
}
