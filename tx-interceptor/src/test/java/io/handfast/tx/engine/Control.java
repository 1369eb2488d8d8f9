package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What other sidecars ask of the sidecars of a story, by hand. */
final class Control {
  static final TxId STRANGE = TxId.of(1_750_000_000_000L, 5, 6);

  private final Story story;

  Control(Story story) {
    this.story = story;
  }

  TxId tx() {
    return requireNonNull(TxId.parse(story.tx()));
  }

  long branch() {
    String context = String.valueOf(story.call().wire().first("tx-context"));
    return Long.parseUnsignedLong(context.substring(36, 52), 16);
  }

  Sender self() {
    return story.bank.engine().control().self();
  }

  InquireResult inquire(Sidecar at, TxId tx, long branch, String decider) {
    List<InquireResult> results = new ArrayList<>();
    at.engine()
        .control()
        .onInquire(
            self(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(tx))
                .setBranchId(branch)
                .setDecider(decider)
                .setParticipant("bank:15014")
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst();
  }

  static OutcomeItem item(TxId tx, long branch, Outcome outcome, String store) {
    return OutcomeItem.newBuilder()
        .setTxId(Messages.bytes(tx))
        .setBranchId(new BranchId(branch).bits())
        .setOutcome(outcome)
        .setDecider("j.front")
        .setStoreId(store)
        .build();
  }

  OutcomeResult tell(Sidecar at, TxId tx, long branch, Outcome outcome, String store) {
    return tell(at, item(tx, branch, outcome, store));
  }

  /** Tells, and waits for the answer as long as its patience lasts. */
  OutcomeResult tell(Sidecar at, OutcomeItem item) {
    return tell(at, new Peer.Proved(Set.of(Mesh.identity("front"))), item);
  }

  OutcomeResult tell(Sidecar at, Peer peer, OutcomeItem item) {
    List<OutcomeResult> results = new ArrayList<>();
    at.engine().control().onOutcome(self(), peer, item, results::add);
    story.pass(0);
    return results.isEmpty() ? OutcomeResult.getDefaultInstance() : results.getFirst();
  }
}
