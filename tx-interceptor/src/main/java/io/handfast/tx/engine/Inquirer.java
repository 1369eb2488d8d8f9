package io.handfast.tx.engine;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.port.Peers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the decider of one branch what has become of it (T15): where that is this sidecar's own
 * store, without a message. Confined to the loop.
 */
final class Inquirer {
  private final Wiring wiring;
  private final BranchKey key;
  private final Authority participant;
  private final Decider decider;
  private final Protocol protocol;
  private final String handle;

  /**
   * @param participant under whose address the branch has voted
   * @param handle of what is prepared, where its resource has one; else empty
   * @param protocol by which the transaction commits: under THREE_PHASE absence says nothing
   */
  Inquirer(
      Wiring wiring,
      BranchKey key,
      Authority participant,
      Decider decider,
      Protocol protocol,
      String handle) {
    this.protocol = protocol;
    this.handle = handle;
    this.wiring = wiring;
    this.key = key;
    this.participant = participant;
    this.decider = decider;
  }

  /**
   * Asks once.
   *
   * @param mayAbort its deadline has passed (T19)
   * @param reply null where nobody who could has answered
   * @param takenOver told instead where the branch is another sidecar's by now
   */
  void ask(boolean mayAbort, Consumer<@Nullable Answer> reply, Runnable takenOver) {
    wiring.meters().inquiry();
    ParticipantKey asker = new ParticipantKey(key.branch(), participant);
    if (!wiring.stores().holds(decider.store())) {
      send(mayAbort, reply);
      return;
    }
    CoordinatorDriver coordinator = wiring.tables().coordinator(key.tx());
    if (coordinator == null && wiring.shared().isShared()) {
      inTurn(asker, mayAbort, reply, takenOver);
      return;
    }
    reply.accept(
        wiring
            .stores()
            .answer(
                decider.store().value(),
                wiring.tables().held(key.tx()),
                asker,
                handle,
                true,
                protocol));
  }

  /** Of the store as of any decider: so many at a time, the others wait. */
  private void inTurn(
      ParticipantKey asker,
      boolean mayAbort,
      Consumer<@Nullable Answer> reply,
      Runnable takenOver) {
    wiring
        .inquiries()
        .ask(
            decider.store().value(),
            done -> {
              if (!isAwaited()) { // over since: what is asked with may not be written any more
                done.run();
                return;
              }
              wiring
                  .shared()
                  .inquire(
                      key.tx(),
                      asker,
                      handle,
                      mayAbort,
                      answer -> answered(() -> reply.accept(answer), done),
                      () -> answered(takenOver, done));
            });
  }

  private boolean isAwaited() {
    return wiring.tables().participant(key) != null || wiring.kept().holds(key);
  }

  /** Whose question it was goes first: the next one's may fail. */
  private static void answered(Runnable reply, Runnable done) {
    try {
      reply.run();
    } finally {
      done.run();
    }
  }

  private void send(boolean mayAbort, Consumer<@Nullable Answer> reply) {
    InquireItem item =
        InquireItem.newBuilder()
            .setTxId(Messages.bytes(key.tx()))
            .setBranchId(key.branch().bits())
            .setDecider(decider.store().value())
            .setParticipant(participant.toString())
            .setHandle(handle)
            .setExpired(mayAbort)
            .setThreePhase(protocol == Protocol.THREE_PHASE)
            .build();
    inTurn(item, 1, reply);
  }

  private void inTurn(InquireItem item, int attempt, Consumer<@Nullable Answer> reply) {
    wiring
        .inquiries()
        .ask(decider.authority().toString(), done -> send(item, attempt, reply, done));
  }

  /** Under THREE_PHASE who is silent is taken for dead: that is not said after one question. */
  private void send(
      InquireItem item, int attempt, Consumer<@Nullable Answer> reply, Runnable done) {
    boolean again = item.getThreePhase() && !Silence.isReached(attempt);
    wiring
        .peers()
        .inquire(
            decider.authority().toString(),
            item,
            new Peers.Reply<>() {
              @Override
              public void onResult(Peers.Inquired inquired) {
                wiring
                    .loop()
                    .execute(() -> answered(() -> reply.accept(ofDecider(inquired)), done));
              }

              @Override
              public void onFailure(String reason) {
                wiring
                    .loop()
                    .execute(() ->
                        answered(
                            again ? () -> later(item, attempt, reply) : () -> reply.accept(null),
                            done));
              }
            });
  }

  /** Others of this decider may ask meanwhile. */
  private void later(InquireItem item, int attempt, Consumer<@Nullable Answer> reply) {
    wiring
        .loop()
        .schedule(
            Silence.pauseNanos(wiring.backoff(), attempt), () -> inTurn(item, attempt + 1, reply));
  }

  /** An answer is an outcome, or may be taken for one: it has to be the decider's (T20). */
  private @Nullable Answer ofDecider(Peers.Inquired inquired) {
    boolean accepted =
        wiring
            .deciders()
            .accepts(
                key,
                decider,
                new Remembered.Teller(
                    decider.store().value(), inquired.by(), decider.authority().toString()));
    return accepted ? Messages.answer(inquired.result().getAnswer()) : null;
  }
}
