package io.handfast.tx.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.Standing;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.TransactionControlGrpc;
import io.handfast.transaction.v1.Vote;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The control service over real sockets, with a handler that the test plays. */
final class ControlServiceTest {
  private static final ByteString TX = ByteString.copyFrom(new byte[16]);
  private static final Sender SELF =
      Sender.newBuilder().setProtocolVersion(1).setService("a").setStoreId("j.1").build();

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ControlTransport transport =
      new ControlTransport(
          group, NioServerSocketChannel.class, NioSocketChannel.class, Optional.empty());
  private final TestLoop loop = new TestLoop();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final PlayedHandler handler = new PlayedHandler();
  private final GrpcPeers peers = new GrpcPeers(transport, loop, () -> SELF, meters);

  @AfterEach
  void stop() throws Exception {
    peers.close();
    loop.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void shouldAnswerEachItemByItsKeyWhenItemsShareOneMessage() throws Exception {
    try (ControlServer server = start(0)) {
      // Given: the handler answers in another order than it was asked
      Map<Long, String> told = new ConcurrentHashMap<>();

      // When
      loop.execute(() -> {
        for (long branch = 1; branch <= 3; branch++) {
          long mine = branch;
          peers.outcome(
              authority(server),
              outcome(branch),
              reply(r -> told.put(mine, r.getAcknowledgement() + "/" + r.getDetail())));
        }
      });
      await().until(() -> handler.outcomes.size() == 3);
      loop.execute(() -> {
        for (int i = 2; i >= 0; i--) {
          handler.outcomes.get(i).answer(Acknowledgement.DONE, "b" + (i + 1));
        }
      });

      // Then
      await().until(() -> told.size() == 3);
      assertThat(told).containsEntry(1L, "DONE/b1").containsEntry(3L, "DONE/b3");
      assertThat(handler.outcomes).extracting(Asked::sender).containsOnly(SELF);
      assertThat(handler.outcomes).extracting(Asked::peer).containsOnly(new Peer.Unproved());
    }
  }

  @Test
  void shouldAnswerWhatIsKnownWhenOneItemIsSlow() throws Exception {
    try (ControlServer server = start(0)) {
      Map<Long, String> told = new ConcurrentHashMap<>();
      loop.execute(() -> {
        for (long branch = 1; branch <= 2; branch++) {
          long mine = branch;
          peers.outcome(
              authority(server),
              outcome(branch),
              reply(r -> told.put(mine, "DONE"), why -> told.put(mine, why)));
        }
      });
      await().until(() -> handler.outcomes.size() == 2);
      loop.execute(() -> handler.outcomes.getFirst().answer(Acknowledgement.DONE, ""));

      await().until(() -> told.size() == 2);
      assertThat(told).containsEntry(1L, "DONE");
      assertThat(told.get(2L)).contains("left this item out");

      // a reply for which nobody waits any more is harmless
      loop.execute(() -> handler.outcomes.getLast().answer(Acknowledgement.DONE, ""));
    }
  }

  @Test
  void shouldCarryInquiriesAndVotesWhenPeersSpeak() throws Exception {
    try (ControlServer server = start(0)) {
      List<Object> told = new CopyOnWriteArrayList<>();
      loop.execute(() -> {
        peers.inquire(
            authority(server),
            InquireItem.newBuilder().setTxId(TX).setBranchId(7).build(),
            reply(asked -> told.add(asked.result().getAnswer())));
        peers.prepare(
            authority(server),
            PrepareItem.newBuilder().setTxId(TX).setBranchId(9).build(),
            reply(promised -> told.add(promised.getVote())));
        peers.vote(
            authority(server),
            VoteItem.newBuilder().setTxId(TX).setCallBranchId(8).build(),
            reply(result -> told.add(result.getKnown())));
      });
      await().until(() -> told.size() == 3);
      assertThat(told).containsExactlyInAnyOrder(Answer.PENDING, Vote.PREPARED, true);
    }
  }

  @Test
  void shouldReachPeerAtOnceWhenItComesBack() throws Exception {
    // Given: nothing listens, and the connection is in back-off
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> told = new CopyOnWriteArrayList<>();
    String authority = "127.0.0.1:" + port;
    loop.execute(() -> peers.inquire(authority, inquiry(), reply(_ -> {}, told::add)));
    await().until(() -> told.size() == 1);
    assertThat(told.getFirst()).startsWith("UNAVAILABLE");

    // When
    try (ControlServer server = start(port)) {
      assertThat(server.port()).isEqualTo(port);
      loop.execute(() ->
          peers.inquire(authority, inquiry(), reply(r -> told.add("" + r.result().getAnswer()))));

      // Then
      await().until(() -> told.size() == 2);
      assertThat(told.getLast()).isEqualTo("PENDING");
    }
  }

  @Test
  void shouldNotTakeItsOwnEndForTheSilenceOfOthers() throws Exception {
    try (ControlServer server = start(0)) {
      // Given: a question that is not answered
      handler.mute = true;
      List<String> told = new CopyOnWriteArrayList<>();
      TerminateItem question =
          TerminateItem.newBuilder().setTxId(TX).setBranchId(1).setDecider("j.1").build();
      loop.execute(() -> {
        peers.terminate(authority(server), question, reply(_ -> {}, told::add));
        peers.outcome(authority(server), outcome(1), reply(_ -> {}, told::add));
      });
      await().until(() -> handler.outcomes.size() == 1 && handler.asked.get() == 1);

      // When
      peers.close();
      loop.execute(() -> {
        peers.terminate(authority(server), question, reply(_ -> {}, told::add));
        peers.outcome(authority(server), outcome(2), reply(_ -> {}, told::add));
      });

      // Then: of the outcomes alone it is said that nobody answered
      await().until(() -> told.size() == 2);
      assertThat(told.getLast()).isEqualTo("this sidecar closes");
    }
  }

  @Test
  void shouldHaveToldAllWhoWaitWhenItHasClosed() throws Exception {
    try (ControlServer server = start(0)) {
      // Given: a call that the handler does not answer
      List<String> told = new CopyOnWriteArrayList<>();
      loop.execute(() -> peers.outcome(authority(server), outcome(1), reply(_ -> {}, told::add)));
      await().until(() -> handler.outcomes.size() == 1);

      // When
      peers.close();

      // Then: nothing calls back later, when there may be no loop left
      assertThat(told).singleElement().asString().startsWith("UNAVAILABLE");
      loop.execute(() -> peers.outcome(authority(server), outcome(2), reply(_ -> {}, told::add)));
      await().until(() -> told.size() == 2);
      assertThat(told.getLast()).isEqualTo("this sidecar closes");
    }
  }

  @Test
  void shouldRefuseMessageWhenItsVersionOrSizeOrIdsAreWrong() throws Exception {
    try (ControlServer server = start(0)) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
      try {
        var stub = TransactionControlGrpc.newBlockingStub(channel);
        InquireRequest old = InquireRequest.newBuilder().build();
        InquireRequest large =
            InquireRequest.newBuilder()
                .setSender(SELF)
                .addAllItems(java.util.Collections.nCopies(1025, inquiry()))
                .build();
        InquireRequest malformed =
            InquireRequest.newBuilder()
                .setSender(SELF)
                .addItems(InquireItem.newBuilder().setTxId(ByteString.copyFromUtf8("x")))
                .build();

        assertThatThrownBy(() -> stub.inquire(old))
            .satisfies(is(Status.Code.FAILED_PRECONDITION, "sender.protocol_version: 0"));
        assertThatThrownBy(() -> stub.inquire(large))
            .satisfies(is(Status.Code.INVALID_ARGUMENT, "items: 1025"));
        assertThatThrownBy(() -> stub.inquire(malformed))
            .satisfies(is(Status.Code.INVALID_ARGUMENT, "tx_id: 1 byte"));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void shouldRefuseAMessageAbove8MibAndGoOn() throws Exception {
    try (ControlServer server = start(0)) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
      try {
        var stub = TransactionControlGrpc.newBlockingStub(channel);
        OutcomeRequest tooLarge =
            OutcomeRequest.newBuilder()
                .setSender(SELF)
                .addItems(outcome(1).toBuilder().setHandle("x".repeat(8 << 20)))
                .build();
        InquireRequest small =
            InquireRequest.newBuilder().setSender(SELF).addItems(inquiry()).build();

        assertThatThrownBy(() -> stub.outcome(tooLarge))
            .satisfies(thrown ->
                assertThat(((StatusRuntimeException) thrown).getStatus().getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        assertThat(handler.outcomes).isEmpty();
        assertThat(stub.inquire(small).getResultsCount()).isEqualTo(1);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void shouldUseOneConnectionPerPeerForAllThatIsSaid() throws Exception {
    try (ControlServer server = start(0);
        CountingRelay one = new CountingRelay(server.port());
        CountingRelay another = new CountingRelay(server.port())) {
      // When: of each RPC many at once, and to another peer one
      List<Object> told = new CopyOnWriteArrayList<>();
      loop.execute(() -> {
        for (int i = 0; i < 50; i++) {
          peers.inquire(one.authority(), inquiry(), reply(told::add));
          peers.prepare(
              one.authority(),
              PrepareItem.newBuilder().setTxId(TX).setBranchId(i).build(),
              reply(told::add));
          peers.vote(
              one.authority(),
              VoteItem.newBuilder().setTxId(TX).setCallBranchId(i).build(),
              reply(told::add));
        }
        peers.inquire(another.authority(), inquiry(), reply(told::add));
      });

      // Then
      await().until(() -> told.size() == 151);
      assertThat(one.connections()).isEqualTo(1);
      assertThat(another.connections()).isEqualTo(1);
    }
  }

  @Test
  void shouldNameTheAddressWhenItIsTaken() throws Exception {
    try (ControlServer server = start(0)) {
      assertThatThrownBy(() -> start(server.port()))
          .isInstanceOf(java.io.IOException.class)
          .hasMessageContaining("control.address")
          .hasMessageContaining(String.valueOf(server.port()));
    }
  }

  private static Consumer<Throwable> is(Status.Code code, String text) {
    return thrown -> {
      Status status = ((StatusRuntimeException) thrown).getStatus();
      assertThat(status.getCode()).isEqualTo(code);
      assertThat(status.getDescription()).contains(text).contains("(expected: ");
    };
  }

  private ControlServer start(int port) throws Exception {
    return ControlServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), transport, handler, loop);
  }

  private static String authority(ControlServer server) {
    return "127.0.0.1:" + server.port();
  }

  private static OutcomeItem outcome(long branch) {
    return OutcomeItem.newBuilder()
        .setTxId(TX)
        .setBranchId(branch)
        .setOutcome(Outcome.COMMIT)
        .build();
  }

  private static InquireItem inquiry() {
    return InquireItem.newBuilder().setTxId(TX).setBranchId(9).build();
  }

  private static <T> Peers.Reply<T> reply(Consumer<T> result) {
    return reply(
        result,
        why -> {
          throw new AssertionError(why);
        });
  }

  private static <T> Peers.Reply<T> reply(Consumer<T> result, Consumer<String> failure) {
    return new Peers.Reply<>() {
      @Override
      public void onResult(T answer) {
        result.accept(answer);
      }

      @Override
      public void onFailure(String reason) {
        failure.accept(reason);
      }
    };
  }

  private record Asked(Sender sender, Peer peer, OutcomeItem item, Consumer<OutcomeResult> reply) {
    void answer(Acknowledgement acknowledgement, String detail) {
      reply.accept(
          OutcomeResult.newBuilder()
              .setTxId(item.getTxId())
              .setBranchId(item.getBranchId())
              .setAcknowledgement(acknowledgement)
              .setDetail(detail)
              .build());
    }
  }

  private final class PlayedHandler implements ControlHandler {
    final List<Asked> outcomes = new CopyOnWriteArrayList<>();
    volatile boolean mute;
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public Sender self() {
      return SELF;
    }

    @Override
    public void onOutcome(
        Sender sender, Peer peer, OutcomeItem item, Consumer<OutcomeResult> reply) {
      outcomes.add(new Asked(sender, peer, item, reply));
    }

    @Override
    public void onInquire(Sender sender, InquireItem item, Consumer<InquireResult> reply) {
      if (item.getTxId().size() != 16) {
        throw new IllegalArgumentException(
            "tx_id: %d byte (expected: 16)".formatted(item.getTxId().size()));
      }
      loop.execute(() ->
          reply.accept(
              InquireResult.newBuilder()
                  .setTxId(item.getTxId())
                  .setBranchId(item.getBranchId())
                  .setAnswer(Answer.PENDING)
                  .build()));
    }

    @Override
    public void onPrepare(
        Sender sender, Peer peer, PrepareItem item, Consumer<PrepareResult> reply) {
      loop.execute(() ->
          reply.accept(
              PrepareResult.newBuilder()
                  .setTxId(item.getTxId())
                  .setBranchId(item.getBranchId())
                  .setVote(Vote.PREPARED)
                  .build()));
    }

    @Override
    public void onTerminate(Sender sender, TerminateItem item, Consumer<TerminateResult> reply) {
      asked.incrementAndGet();
      if (mute) {
        return;
      }
      loop.execute(() ->
          reply.accept(
              TerminateResult.newBuilder()
                  .setTxId(item.getTxId())
                  .setBranchId(item.getBranchId())
                  .setStanding(
                      item.getPreCommit() ? Standing.STANDS_PRE_COMMITTED : Standing.STANDS_READY)
                  .build()));
    }

    @Override
    public void onVote(Sender sender, Peer peer, VoteItem item, Consumer<VoteResult> reply) {
      loop.execute(() ->
          reply.accept(
              VoteResult.newBuilder()
                  .setTxId(item.getTxId())
                  .setCallBranchId(item.getCallBranchId())
                  .setKnown(true)
                  .build()));
    }
  }
}
