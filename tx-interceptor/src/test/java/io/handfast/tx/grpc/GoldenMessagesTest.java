package io.handfast.tx.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResponse;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareRequest;
import io.handfast.transaction.v1.PrepareResponse;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.Standing;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateRequest;
import io.handfast.transaction.v1.TerminateResponse;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.Vote;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteRequest;
import io.handfast.transaction.v1.VoteResponse;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sidecar that speaks protocol version 1, played by its bytes, on both sides of the wire. */
final class GoldenMessagesTest {
  private static final String SERVICE = "handfast.transaction.v1.TransactionControl";
  private static final Map<String, Message> TYPES =
      Map.of(
          "outcome-request", OutcomeRequest.getDefaultInstance(),
          "outcome-response", OutcomeResponse.getDefaultInstance(),
          "prepare-request", PrepareRequest.getDefaultInstance(),
          "prepare-response", PrepareResponse.getDefaultInstance(),
          "inquire-request", InquireRequest.getDefaultInstance(),
          "inquire-response", InquireResponse.getDefaultInstance(),
          "vote-request", VoteRequest.getDefaultInstance(),
          "vote-response", VoteResponse.getDefaultInstance(),
          "terminate-request", TerminateRequest.getDefaultInstance(),
          "terminate-response", TerminateResponse.getDefaultInstance());

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ControlTransport transport =
      new ControlTransport(
          group, NioServerSocketChannel.class, NioSocketChannel.class, Optional.empty());
  private final TestLoop loop = new TestLoop();

  @AfterEach
  void stop() throws Exception {
    loop.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @ParameterizedTest
  @ValueSource(strings = {"outcome", "prepare", "inquire", "vote", "terminate"})
  void shouldReadAndWriteWhatVersion1Wrote(String rpc) throws Exception {
    for (String name : List.of(rpc + "-request", rpc + "-response")) {
      // When
      Message read = Golden.parse(name, type(name));

      // Then
      assertThat(read).as(name).isEqualTo(Golden.text(name, type(name)));
      assertThat(read.getUnknownFields().asMap()).as(name).isEmpty();
      assertThat(read.toByteString()).as(name).isEqualTo(Golden.bytes(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"outcome", "prepare", "inquire", "vote", "terminate"})
  void shouldAnswerASidecarOfVersion1InItsWords(String rpc) throws Exception {
    try (ControlServer server = serve()) {
      assertThat(call(server, rpc, Golden.bytes(rpc + "-request")))
          .isEqualTo(Golden.bytes(rpc + "-response"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"outcome", "prepare", "inquire", "vote", "terminate"})
  void shouldIgnoreFieldsThatALaterSidecarAdds(String rpc) throws Exception {
    // Given
    Message request = Golden.parse(rpc + "-request", type(rpc + "-request"));
    UnknownFieldSet later =
        UnknownFieldSet.newBuilder()
            .addField(
                1000,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                    .build())
            .build();
    Message.Builder more = request.toBuilder().setUnknownFields(later);
    var items = request.getDescriptorForType().findFieldByName("items");
    for (int i = 0; i < request.getRepeatedFieldCount(items); i++) {
      Message item = (Message) request.getRepeatedField(items, i);
      more.setRepeatedField(items, i, item.toBuilder().setUnknownFields(later).build());
    }

    // When
    try (ControlServer server = serve()) {
      ByteString answer = call(server, rpc, more.build().toByteString());

      // Then
      assertThat(answer).isEqualTo(Golden.bytes(rpc + "-response"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"outcome", "prepare", "inquire", "vote", "terminate"})
  void shouldRefuseAVersionThatIsNotKnownAndNameBoth(String rpc) throws Exception {
    // Given
    Message request = Golden.parse(rpc + "-request", type(rpc + "-request"));
    var sender = request.getDescriptorForType().findFieldByName("sender");
    Sender later = ((Sender) request.getField(sender)).toBuilder().setProtocolVersion(2).build();
    ByteString bytes = request.toBuilder().setField(sender, later).build().toByteString();

    // When
    try (ControlServer server = serve()) {
      assertThatThrownBy(() -> call(server, rpc, bytes))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused -> {
                // Then
                assertThat(refused.getStatus().getCode())
                    .isEqualTo(Status.Code.FAILED_PRECONDITION);
                assertThat(refused.getStatus().getDescription())
                    .isEqualTo("sender.protocol_version: 2 (expected: 1)");
              });
    }
  }

  @Test
  void shouldSpeakToASidecarOfVersion1InItsWords() throws Exception {
    // Given: it answers by the bytes that it has, and keeps what it is told
    Map<String, ByteString> heard = new HashMap<>();
    Server old = version1(heard);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    OutcomeRequest outcome = Golden.parse("outcome-request", OutcomeRequest.getDefaultInstance());
    PrepareRequest prepare = Golden.parse("prepare-request", PrepareRequest.getDefaultInstance());
    InquireRequest inquire = Golden.parse("inquire-request", InquireRequest.getDefaultInstance());
    TerminateRequest terminate =
        Golden.parse("terminate-request", TerminateRequest.getDefaultInstance());
    VoteRequest vote = Golden.parse("vote-request", VoteRequest.getDefaultInstance());
    List<Object> told = new CopyOnWriteArrayList<>();
    try (GrpcPeers peers = new GrpcPeers(transport, loop, outcome::getSender, meters)) {

      // When
      String to = "127.0.0.1:" + old.getPort();
      loop.execute(() -> {
        outcome.getItemsList().forEach(it -> peers.outcome(to, it, reply(told)));
        prepare.getItemsList().forEach(it -> peers.prepare(to, it, reply(told)));
        inquire.getItemsList().forEach(it -> peers.inquire(to, it, reply(told)));
        vote.getItemsList().forEach(it -> peers.vote(to, it, reply(told)));
        terminate.getItemsList().forEach(it -> peers.terminate(to, it, reply(told)));
      });
      await().until(() -> told.size() == 10);
    } finally {
      old.shutdownNow().awaitTermination();
    }

    // Then
    for (String rpc : List.of("outcome", "prepare", "inquire", "vote", "terminate")) {
      assertThat(heard.get(rpc)).as(rpc).isEqualTo(Golden.bytes(rpc + "-request"));
      assertThat(meters.get("handfast.tx.control.batch").tag("rpc", rpc).summary().count())
          .as("messages of %s", rpc)
          .isEqualTo(1);
    }
    assertThat(told)
        .containsAll(outcomes())
        .containsAll(prepares())
        .containsAll(votes())
        .containsAll(terminations())
        .filteredOn(Peers.Inquired.class::isInstance)
        .extracting(it -> ((Peers.Inquired) it).result())
        .containsExactlyElementsOf(inquiries());
  }

  @Test
  void shouldKeepTheNumbersOfItsWords() {
    assertThat(numbers(Outcome.values())).isEqualTo("COMMIT=1 ABORT=2");
    assertThat(numbers(Acknowledgement.values()))
        .isEqualTo("DONE=1 WORKING=2 ANOTHER_STORE=3 HAZARD=4");
    assertThat(numbers(Answer.values())).isEqualTo("COMMITTED=1 ABORTED=2 PENDING=3 NOT_MINE=4");
    assertThat(numbers(Vote.values()))
        .isEqualTo("PREPARED=1 READ_ONLY=2 VOTE_ABORT=3 ASK=4 STRUCK=5");
    assertThat(numbers(Standing.values()))
        .isEqualTo(
            "STANDS_COMMITTED=1 STANDS_ABORTED=2 STANDS_PRE_COMMITTED=3 STANDS_READY=4"
                + " STANDS_AWAY_PRE_COMMITTED=5 STANDS_AWAY_READY=6 STANDS_OUT=7 STANDS_UNKNOWN=8");
  }

  private static Message type(String name) {
    return requireNonNull(TYPES.get(name));
  }

  private static String numbers(Enum<?>[] words) {
    StringBuilder all = new StringBuilder();
    for (Enum<?> word : words) {
      if (word instanceof com.google.protobuf.ProtocolMessageEnum known
          && !word.name().endsWith("_UNSPECIFIED")
          && !word.name().equals("UNRECOGNIZED")) {
        all.append(all.isEmpty() ? "" : " ").append(word).append('=').append(known.getNumber());
      }
    }
    return all.toString();
  }

  private ControlServer serve() throws IOException {
    return ControlServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), transport, new Bank(), loop);
  }

  private static ByteString call(ControlServer server, String rpc, ByteString request) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    try {
      return ClientCalls.blockingUnaryCall(channel, method(rpc), CallOptions.DEFAULT, request);
    } finally {
      channel.shutdownNow();
    }
  }

  private static Server version1(Map<String, ByteString> heard) throws IOException {
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
    for (String rpc : List.of("outcome", "prepare", "inquire", "vote", "terminate")) {
      ByteString answer = Golden.bytes(rpc + "-response");
      service.addMethod(
          method(rpc),
          ServerCalls.asyncUnaryCall((request, call) -> {
            heard.put(rpc, request);
            call.onNext(answer);
            call.onCompleted();
          }));
    }
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .addService(service.build())
        .build()
        .start();
  }

  private static MethodDescriptor<ByteString, ByteString> method(String rpc) {
    String name = Character.toUpperCase(rpc.charAt(0)) + rpc.substring(1);
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(SERVICE + "/" + name)
        .build();
  }

  private static <T> Peers.Reply<T> reply(List<Object> told) {
    return new Peers.Reply<>() {
      @Override
      public void onResult(T result) {
        told.add(result);
      }

      @Override
      public void onFailure(String reason) {
        told.add(reason);
      }
    };
  }

  private static List<OutcomeResult> outcomes() throws IOException {
    return Golden.parse("outcome-response", OutcomeResponse.getDefaultInstance()).getResultsList();
  }

  private static List<PrepareResult> prepares() throws IOException {
    return Golden.parse("prepare-response", PrepareResponse.getDefaultInstance()).getResultsList();
  }

  private static List<InquireResult> inquiries() throws IOException {
    return Golden.parse("inquire-response", InquireResponse.getDefaultInstance()).getResultsList();
  }

  private static List<TerminateResult> terminations() throws IOException {
    return Golden.parse("terminate-response", TerminateResponse.getDefaultInstance())
        .getResultsList();
  }

  private static List<VoteResult> votes() throws IOException {
    return Golden.parse("vote-response", VoteResponse.getDefaultInstance()).getResultsList();
  }

  /** A message as its bytes. */
  private static final class Bytes implements Marshaller<ByteString> {
    @Override
    public InputStream stream(ByteString value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public ByteString parse(InputStream stream) {
      try {
        return ByteString.readFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Gives version 1's answers to its items, and to no others. */
  private final class Bank implements ControlHandler {
    @Override
    public Sender self() {
      try {
        return Golden.parse("vote-response", VoteResponse.getDefaultInstance()).getSender();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onOutcome(Sender from, Peer by, OutcomeItem item, Consumer<OutcomeResult> reply) {
      answer(() -> outcomes(), it -> it.getBranchId() == item.getBranchId(), reply);
    }

    @Override
    public void onPrepare(Sender from, Peer by, PrepareItem item, Consumer<PrepareResult> reply) {
      answer(() -> prepares(), it -> it.getBranchId() == item.getBranchId(), reply);
    }

    @Override
    public void onInquire(Sender from, InquireItem item, Consumer<InquireResult> reply) {
      answer(() -> inquiries(), it -> it.getBranchId() == item.getBranchId(), reply);
    }

    @Override
    public void onTerminate(Sender from, TerminateItem item, Consumer<TerminateResult> reply) {
      answer(() -> terminations(), it -> it.getBranchId() == item.getBranchId(), reply);
    }

    @Override
    public void onVote(Sender from, Peer peer, VoteItem item, Consumer<VoteResult> reply) {
      answer(() -> votes(), it -> it.getCallBranchId() == item.getCallBranchId(), reply);
    }

    private <R> void answer(
        Results<R> results, java.util.function.Predicate<R> mine, Consumer<R> reply) {
      loop.execute(() -> {
        try {
          results.read().stream().filter(mine).forEach(reply);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  private interface Results<R> {
    List<R> read() throws IOException;
  }
}
