package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;

/** Several sidecars in one JVM, with a network between them that loses what a test says. */
final class Mesh {
  static final long HOP_NANOS = 200_000;
  private static final long CALL_TIMEOUT_NANOS = 5_000_000_000L;

  final VirtualTime time = new VirtualTime();
  final Map<String, Sidecar> sidecars = new LinkedHashMap<>();

  /** (kind, item) → lost on the way there. */
  BiPredicate<String, Object> loses = (kind, item) -> false;

  /** (kind, result) → lost on the way back. */
  BiPredicate<String, Object> losesReply = (kind, result) -> false;

  /** What a sidecar proves to be. */
  Function<String, Peer> certificates = name -> new Peer.Proved(Set.of(identity(name)));

  /** The databases that a sidecar completes blocks of. */
  interface OfSidecar {
    Databases of(String sidecar, VirtualTime.Node loop);
  }

  OfSidecar databases = (sidecar, loop) -> NoDatabases.INSTANCE;

  int messages;

  static PeerIdentity identity(String name) {
    return new PeerIdentity("spiffe://mesh.example/" + name);
  }

  Sidecar sidecar(String name) {
    Sidecar sidecar = new Sidecar(this, name);
    sidecars.put(name, sidecar);
    sidecar.start();
    return sidecar;
  }

  void pass(long millis) {
    time.pass(millis);
  }

  /** The control services as one sidecar reaches them. */
  final class Network implements Peers {
    private final VirtualTime.Node from;
    private final String name;

    Network(VirtualTime.Node from, String name) {
      this.from = from;
      this.name = name;
    }

    @Override
    public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
      send(
          "outcome",
          authority,
          item,
          reply,
          (to, done) -> to.onOutcome(to.self(), certificates.apply(name), item, done));
    }

    @Override
    public void prepare(String authority, PrepareItem item, Reply<PrepareResult> reply) {
      send(
          "prepare",
          authority,
          item,
          reply,
          (to, done) -> to.onPrepare(to.self(), certificates.apply(name), item, done));
    }

    @Override
    public void terminate(String authority, TerminateItem item, Reply<TerminateResult> reply) {
      send(
          "terminate", authority, item, reply, (to, done) -> to.onTerminate(to.self(), item, done));
    }

    @Override
    public void inquire(String authority, InquireItem item, Reply<Inquired> reply) {
      Peer answers = certificates.apply(authority.substring(0, authority.indexOf(':')));
      send(
          "inquire",
          authority,
          item,
          reply,
          (to, done) ->
              to.onInquire(self(), item, told -> done.accept(new Inquired(answers, told))));
    }

    @Override
    public void vote(String authority, VoteItem item, Reply<VoteResult> reply) {
      Peer voter = certificates.apply(name);
      send("vote", authority, item, reply, (to, done) -> to.onVote(to.self(), voter, item, done));
    }

    private Sender self() {
      return requireNonNull(sidecars.get(name)).engine().control().self();
    }

    private <T> void send(
        String kind,
        String authority,
        Object item,
        Reply<T> reply,
        BiConsumer<ControlHandler, Consumer<T>> deliver) {
      messages++;
      Sidecar to =
          sidecars.values().stream()
              .filter(it -> it.authority().toString().equals(authority))
              .findFirst()
              .orElse(null);
      if (to == null || !to.alive() || loses.test(kind, item)) {
        from.schedule(HOP_NANOS, () -> reply.onFailure("unavailable"));
        return;
      }
      Once<T> once = new Once<>(reply);
      from.schedule(CALL_TIMEOUT_NANOS, () -> once.fail("timed out"));
      to.loop()
          .schedule(
              HOP_NANOS,
              () ->
                  deliver.accept(
                      to.engine().control(),
                      result -> {
                        if (!losesReply.test(kind, result)) {
                          from.schedule(HOP_NANOS, () -> once.succeed(result));
                        }
                      }));
    }
  }

  /** A process that dies answers nobody: its callers' calls time out. */
  private static final class Once<T> {
    private final Peers.Reply<T> reply;
    private boolean over;

    Once(Peers.Reply<T> reply) {
      this.reply = reply;
    }

    void succeed(T result) {
      if (!over) {
        over = true;
        reply.onResult(result);
      }
    }

    void fail(String reason) {
      if (!over) {
        over = true;
        reply.onFailure(reason);
      }
    }
  }
}
