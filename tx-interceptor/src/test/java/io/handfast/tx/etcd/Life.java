package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.Client;
import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore;
import io.handfast.tx.port.TransactionStore;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One sidecar's store in a test, with its loop; what it is told and what it claims. */
final class Life implements AutoCloseable {
  static final ParticipantKey ELSEWHERE =
      new ParticipantKey(new BranchId(99), new Authority("elsewhere", 1));

  final TestLoop loop = new TestLoop();
  final EtcdStore store;
  final String service;
  final String authority;
  final LinkedBlockingQueue<Record> claimed = new LinkedBlockingQueue<>();

  private Life(Client client, EtcdOptions options, String service, String authority)
      throws EtcdOpenException {
    this.service = service;
    this.authority = authority;
    this.store = EtcdStore.open(client, options, service, authority, new SecureRandom(), loop);
  }

  static Life open(EtcdOptions options, String service, String authority) throws EtcdOpenException {
    return open(Opening.client(options), options, service, authority);
  }

  static Life open(Client client, EtcdOptions options, String service, String authority)
      throws EtcdOpenException {
    return new Life(client, options, service, authority);
  }

  Life takingOver() {
    loop.execute(() -> store.takeOver(claimed::addAll));
    return this;
  }

  /** What became of a write: durable, or a word and why. */
  String write(Record record) throws Exception {
    return write(record, TransactionStore.Durability.FORCED);
  }

  String write(Record record, TransactionStore.Durability durability) throws Exception {
    return loop.<String>ask(told ->
        store.append(
            record,
            durability,
            TransactionStore.Need.ESSENTIAL,
            new TransactionStore.WriteCallback() {
              @Override
              public void onDurable() {
                told.accept("durable");
              }

              @Override
              public void onRefused(String reason) {
                told.accept("refused: " + reason);
              }

              @Override
              public void onInDoubt(String reason) {
                told.accept("in doubt: " + reason);
              }

              @Override
              public void onLost(String reason) {
                told.accept("lost: " + reason);
              }
            }));
  }

  SharedStore.Found read(TxId tx) throws Exception {
    return inquire(tx, ELSEWHERE, false);
  }

  /** By this sidecar, for a branch on another store. */
  SharedStore.Found abortAsParticipant(TxId tx) throws Exception {
    return inquire(tx, ELSEWHERE, true);
  }

  /** By a branch that this sidecar has begun. */
  SharedStore.Found inquire(TxId tx, long branch, boolean mayAbort) throws Exception {
    return inquire(tx, participant(branch), mayAbort);
  }

  private SharedStore.Found inquire(TxId tx, ParticipantKey asker, boolean mayAbort)
      throws Exception {
    return loop.<SharedStore.Found>ask(told -> store.inquire(tx, asker, mayAbort, told));
  }

  private ParticipantKey participant(long branch) {
    Authority at = Authority.parse(authority);
    if (at == null) {
      throw new AssertionError("authority: " + authority + " (expected: host:port)");
    }
    return new ParticipantKey(new BranchId(branch), at);
  }

  SharedStore.Found abortAsCoordinator(TxId tx, long incarnation) throws Exception {
    return loop.<SharedStore.Found>ask(told -> store.resolve(tx, incarnation, told));
  }

  Record nextClaim() throws InterruptedException {
    Record next = claimed.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("claims: none within 20 s (expected: one)");
    }
    return next;
  }

  Record decision(TxId tx) {
    return Record.newBuilder().setDecision(bare(tx)).build();
  }

  private Decision.Builder bare(TxId tx) {
    return Decision.newBuilder()
        .setTxId(bytes(tx))
        .setIncarnation(store.incarnation())
        .setService(service)
        .addBranches(
            DecidedBranch.newBuilder().setBranchId(7).setParticipant("p:1").setService("s"));
  }

  Record decisionWithOwn(TxId tx, long branch) {
    return Record.newBuilder()
        .setDecision(bare(tx).setOwn(prepared(tx, branch, false).getPrepared()))
        .build();
  }

  Record begun(TxId tx, long branch, boolean equivalent) {
    return Record.newBuilder()
        .setBegun(BranchBegun.newBuilder().setBranch(ref(tx, branch, equivalent)))
        .build();
  }

  Record prepared(TxId tx, long branch, boolean equivalent) {
    return Record.newBuilder()
        .setPrepared(BranchPrepared.newBuilder().setBranch(ref(tx, branch, equivalent)))
        .build();
  }

  private BranchRef ref(TxId tx, long branch, boolean equivalent) {
    return BranchRef.newBuilder()
        .setTxId(bytes(tx))
        .setBranchId(branch)
        .setService(service)
        .setParticipant(authority)
        .setEquivalentReplicas(equivalent)
        .build();
  }

  Record branchEnded(TxId tx, long branch, BranchOutcome outcome) {
    return branchEnded(tx, branch, authority, outcome);
  }

  static Record branchEnded(TxId tx, long branch, String participant, BranchOutcome outcome) {
    return Record.newBuilder()
        .setBranchEnded(
            BranchEnded.newBuilder()
                .setTxId(bytes(tx))
                .setBranchId(branch)
                .setParticipant(participant)
                .setOutcome(outcome))
        .build();
  }

  static Record ended(TxId tx) {
    return Record.newBuilder().setEnded(TransactionEnded.newBuilder().setTxId(bytes(tx))).build();
  }

  static ByteString bytes(TxId tx) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(tx.high()).putLong(tx.low()).flip());
  }

  static TxId tx(long number) {
    return TxId.of(1_750_000_000_000L, number, number);
  }

  /** As if the sidecar were dead: its loop runs nothing any more, its lease is not renewed. */
  void die() {
    loop.close();
  }

  @Override
  public void close() {
    loop.close();
    store.close();
  }
}
