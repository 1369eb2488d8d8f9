package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.resource.DatabaseResource;

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

  /** Nothing is prepared, nobody is in doubt, nothing runs. */
  void assertSettled() {
    assertThat(database.prepared()).isEmpty();
    story.assertSettled();
  }
}
