package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.port.Peer;
import io.handfast.tx.resource.DatabaseResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A {@link Story} in which the bank's service has a database, and nothing else to vote with. */
final class DatabaseStory {
  final Story story = new Story();
  final FakeDatabase database = new FakeDatabase(story.mesh.time);

  DatabaseStory() {
    story.mesh.databases =
        (name, loop) -> name.startsWith("bank") ? database.of(loop) : NoDatabases.INSTANCE;
    story.bank.restart();
    story.boundary = Policies.readOnlyBoundary();
    story.bankMode = DatabaseResource.INSTANCE;
    story.pass(5);
  }

  /** The request has reached the bank's service. */
  DatabaseStory callBank() {
    story.begin().callBank(RoutePolicy.NONE);
    return this;
  }

  /** What the bank's service is given to pass on. */
  TransactionIdentity identity() {
    return identity(story.served());
  }

  static TransactionIdentity identity(InboundProbe served) {
    String context = requireNonNull(served.service().first("tx-context"));
    return new TransactionIdentity(
        requireNonNull(TxId.parse(context.substring(3, 35))),
        requireNonNull(BranchId.parse(context.substring(36, 52))),
        false);
  }

  /** A block of the bank's service, which names its branch. */
  BlockProbe begin() {
    BlockProbe block = begin(new SqlBlockCall.Name.Branch(identity()));
    assertThat(block.isEnlisted()).isTrue();
    return block;
  }

  BlockProbe begin(SqlBlockCall.Name name) {
    return begin(story.bank, name);
  }

  BlockProbe begin(Sidecar at, SqlBlockCall.Name name) {
    BlockProbe block = BlockProbe.begin(database, at.engine(), name, at.loop());
    story.pass(1);
    return block;
  }

  /** A block that the bank's service has committed, as it believes. */
  String prepared() {
    String name = begin().commit();
    story.pass(1);
    return name;
  }

  /** Another sidecar of the bank's service, which finds what is prepared. */
  Sidecar replica() {
    Sidecar made = story.mesh.sidecar("bank-2");
    EngineConfig plain = EngineConfig.of("bank", made.authority());
    made.configure(
        new EngineConfig(
            "bank",
            made.authority(),
            plain.limits(),
            plain.retention(),
            Duration.ZERO,
            () -> Optional.of(Mesh.identity("bank-2")),
            Optional.empty()));
    return made;
  }

  /** What the coordinator answers to somebody who asks for what is prepared. */
  InquireResult inquire(GlobalId name, BlockHandle handle) {
    List<InquireResult> results = new ArrayList<>();
    story
        .front
        .engine()
        .control()
        .onInquire(
            story.bank.engine().control().self(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(name.tx()))
                .setBranchId(name.branch().bits())
                .setDecider("j.front")
                .setParticipant("bank-9:15014")
                .setHandle(handle.toString())
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst();
  }

  /** Has the bank told COMMIT of what is prepared, in the name of a decider and by somebody. */
  OutcomeResult tell(String name, String decider, String by) {
    GlobalId id = requireNonNull(GlobalId.parse(name));
    return told(
        OutcomeItem.newBuilder()
            .setTxId(Messages.bytes(id.tx()))
            .setBranchId(id.branch().bits())
            .setOutcome(Outcome.COMMIT)
            .setDecider("j." + decider)
            .setStoreId("j.bank")
            .setHandle(id.handle("bank").toString())
            .build(),
        by);
  }

  OutcomeResult told(OutcomeItem item, String by) {
    List<OutcomeResult> results = new ArrayList<>();
    story
        .bank
        .engine()
        .control()
        .onOutcome(
            story.front.engine().control().self(),
            new Peer.Proved(Set.of(Mesh.identity(by))),
            item,
            results::add);
    story.pass(50);
    return results.getFirst();
  }

  /** Nothing is prepared, nobody is in doubt, nothing runs. */
  void assertSettled() {
    assertThat(database.prepared()).isEmpty();
    story.assertSettled();
  }
}
