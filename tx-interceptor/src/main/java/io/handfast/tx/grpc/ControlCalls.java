package io.handfast.tx.grpc;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResponse;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareRequest;
import io.handfast.transaction.v1.PrepareResponse;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateRequest;
import io.handfast.transaction.v1.TerminateResponse;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.TransactionControlGrpc;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteRequest;
import io.handfast.transaction.v1.VoteResponse;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.grpc.ItemBatch.Waiting;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers.Inquired;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls of the control service, from the side that makes them. */
final class ControlCalls {

  /** By what an item and its result are matched. */
  private record Key(ByteString txId, long branchId) {}

  private ControlCalls() {}

  /** {@code Outcome}. */
  record Outcomes(Channel channel, Supplier<Sender> self)
      implements ItemBatch.Call<OutcomeItem, OutcomeResult> {
    @Override
    public void send(List<Waiting<OutcomeItem, OutcomeResult>> items, Consumer<Status> over) {
      OutcomeRequest.Builder request = OutcomeRequest.newBuilder().setSender(self.get());
      items.forEach(item -> request.addItems(item.item()));
      call(
          channel,
          TransactionControlGrpc.getOutcomeMethod(),
          request.build(),
          new Replies<>(
              items,
              over,
              item -> new Key(item.getTxId(), item.getBranchId()),
              result -> new Key(result.getTxId(), result.getBranchId()),
              OutcomeResponse::getResultsList));
    }
  }

  /** {@code Prepare}. */
  record Prepares(Channel channel, Supplier<Sender> self)
      implements ItemBatch.Call<PrepareItem, PrepareResult> {
    @Override
    public void send(List<Waiting<PrepareItem, PrepareResult>> items, Consumer<Status> over) {
      PrepareRequest.Builder request = PrepareRequest.newBuilder().setSender(self.get());
      items.forEach(item -> request.addItems(item.item()));
      call(
          channel,
          TransactionControlGrpc.getPrepareMethod(),
          request.build(),
          new Replies<>(
              items,
              over,
              item -> new Key(item.getTxId(), item.getBranchId()),
              result -> new Key(result.getTxId(), result.getBranchId()),
              PrepareResponse::getResultsList));
    }
  }

  /** {@code Inquire}. */
  record Inquiries(Channel channel, Supplier<Sender> self, boolean mutual)
      implements ItemBatch.Call<InquireItem, Inquired> {
    @Override
    public void send(List<Waiting<InquireItem, Inquired>> items, Consumer<Status> over) {
      InquireRequest.Builder request = InquireRequest.newBuilder().setSender(self.get());
      items.forEach(item -> request.addItems(item.item()));
      ClientCall<InquireRequest, InquireResponse> call =
          newCall(channel, TransactionControlGrpc.getInquireMethod());
      ClientCalls.asyncUnaryCall(
          call,
          request.build(),
          new Replies<>(
              items,
              over,
              item -> new Key(item.getTxId(), item.getBranchId()),
              inquired -> new Key(inquired.result().getTxId(), inquired.result().getBranchId()),
              response -> by(PeerNames.of(call.getAttributes(), mutual), response)));
    }

    private static List<Inquired> by(Peer peer, InquireResponse response) {
      return response.getResultsList().stream().map(it -> new Inquired(peer, it)).toList();
    }
  }

  /** {@code Terminate}. */
  record Terminations(Channel channel, Supplier<Sender> self)
      implements ItemBatch.Call<TerminateItem, TerminateResult> {
    @Override
    public void send(List<Waiting<TerminateItem, TerminateResult>> items, Consumer<Status> over) {
      TerminateRequest.Builder request = TerminateRequest.newBuilder().setSender(self.get());
      items.forEach(item -> request.addItems(item.item()));
      call(
          channel,
          TransactionControlGrpc.getTerminateMethod(),
          request.build(),
          new Replies<>(
              items,
              over,
              item -> new Key(item.getTxId(), item.getBranchId()),
              result -> new Key(result.getTxId(), result.getBranchId()),
              TerminateResponse::getResultsList));
    }
  }

  /** {@code Vote}. */
  record Votes(Channel channel, Supplier<Sender> self)
      implements ItemBatch.Call<VoteItem, VoteResult> {
    @Override
    public void send(List<Waiting<VoteItem, VoteResult>> items, Consumer<Status> over) {
      VoteRequest.Builder request = VoteRequest.newBuilder().setSender(self.get());
      items.forEach(item -> request.addItems(item.item()));
      call(
          channel,
          TransactionControlGrpc.getVoteMethod(),
          request.build(),
          new Replies<>(
              items,
              over,
              item -> new Key(item.getTxId(), item.getCallBranchId()),
              result -> new Key(result.getTxId(), result.getCallBranchId()),
              VoteResponse::getResultsList));
    }
  }

  private static <Q, M> void call(
      Channel channel, MethodDescriptor<Q, M> method, Q request, StreamObserver<M> replies) {
    ClientCalls.asyncUnaryCall(newCall(channel, method), request, replies);
  }

  private static <Q, M> ClientCall<Q, M> newCall(Channel channel, MethodDescriptor<Q, M> method) {
    return channel.newCall(
        method,
        CallOptions.DEFAULT.withDeadlineAfter(
            ControlLimits.CALL_TIMEOUT_MS, TimeUnit.MILLISECONDS));
  }

  /**
   * Hands each item its result, and those without one the reason. Called by one thread at a time.
   */
  private static final class Replies<I, R, M> implements StreamObserver<M> {
    private final List<Waiting<I, R>> items;
    private final Consumer<Status> over;
    private final Function<I, Key> itemKey;
    private final Function<R, Key> resultKey;
    private final Function<M, List<R>> results;
    private @Nullable M answer;

    Replies(
        List<Waiting<I, R>> items,
        Consumer<Status> over,
        Function<I, Key> itemKey,
        Function<R, Key> resultKey,
        Function<M, List<R>> results) {
      this.items = items;
      this.over = over;
      this.itemKey = itemKey;
      this.resultKey = resultKey;
      this.results = results;
    }

    @Override
    public void onNext(M message) {
      answer = message;
    }

    @Override
    public void onCompleted() {
      Map<Key, R> byKey = new HashMap<>();
      if (answer != null) {
        results.apply(answer).forEach(result -> byKey.put(resultKey.apply(result), result));
      }
      for (Waiting<I, R> waiting : items) {
        R result = byKey.get(itemKey.apply(waiting.item()));
        if (result == null) {
          waiting.reply().onFailure("the peer left this item out of its answer");
        } else {
          waiting.reply().onResult(result);
        }
      }
      over.accept(Status.OK);
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      String reason =
          status.getDescription() == null
              ? status.getCode().name()
              : status.getCode() + ": " + status.getDescription();
      items.forEach(waiting -> waiting.reply().onFailure(reason));
      over.accept(status);
    }
  }
}
