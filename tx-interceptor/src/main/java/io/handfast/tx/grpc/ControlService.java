package io.handfast.tx.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.InquireResult;
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
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message apart into its items and puts the answers together. Thread-safe: keeps no state
 * but that of a call under way, which is confined to the engine's loop.
 */
final class ControlService extends TransactionControlGrpc.TransactionControlImplBase {
  private final ControlHandler handler;
  private final EngineLoop loop;

  ControlService(ControlHandler handler, EngineLoop loop) {
    this.handler = handler;
    this.loop = loop;
  }

  @Override
  public void outcome(OutcomeRequest request, StreamObserver<OutcomeResponse> call) {
    Peer peer = PeerNames.ofCall();
    this.<OutcomeItem, OutcomeResult, OutcomeResponse>answer(
        request.getSender(),
        request.getItemsList(),
        call,
        (item, reply) -> handler.onOutcome(request.getSender(), peer, item, reply),
        results ->
            OutcomeResponse.newBuilder().setSender(handler.self()).addAllResults(results).build());
  }

  @Override
  public void prepare(PrepareRequest request, StreamObserver<PrepareResponse> call) {
    Peer peer = PeerNames.ofCall();
    this.<PrepareItem, PrepareResult, PrepareResponse>answer(
        request.getSender(),
        request.getItemsList(),
        call,
        (item, reply) -> handler.onPrepare(request.getSender(), peer, item, reply),
        results ->
            PrepareResponse.newBuilder().setSender(handler.self()).addAllResults(results).build());
  }

  @Override
  public void inquire(InquireRequest request, StreamObserver<InquireResponse> call) {
    this.<InquireItem, InquireResult, InquireResponse>answer(
        request.getSender(),
        request.getItemsList(),
        call,
        (item, reply) -> handler.onInquire(request.getSender(), item, reply),
        results ->
            InquireResponse.newBuilder().setSender(handler.self()).addAllResults(results).build());
  }

  @Override
  public void terminate(TerminateRequest request, StreamObserver<TerminateResponse> call) {
    this.<TerminateItem, TerminateResult, TerminateResponse>answer(
        request.getSender(),
        request.getItemsList(),
        call,
        (item, reply) -> handler.onTerminate(request.getSender(), item, reply),
        results ->
            TerminateResponse.newBuilder()
                .setSender(handler.self())
                .addAllResults(results)
                .build());
  }

  @Override
  public void vote(VoteRequest request, StreamObserver<VoteResponse> call) {
    Peer peer = PeerNames.ofCall();
    this.<VoteItem, VoteResult, VoteResponse>answer(
        request.getSender(),
        request.getItemsList(),
        call,
        (item, reply) -> handler.onVote(request.getSender(), peer, item, reply),
        results ->
            VoteResponse.newBuilder().setSender(handler.self()).addAllResults(results).build());
  }

  @FunctionalInterface
  private interface Ask<I, R> {
    void item(I item, Consumer<R> reply);
  }

  private <I, R, M> void answer(
      Sender sender,
      List<I> items,
      StreamObserver<M> call,
      Ask<I, R> ask,
      Function<List<R>, M> message) {
    Status refusal = refusal(sender, items.size());
    if (refusal != null) {
      call.onError(refusal.asRuntimeException());
      return;
    }
    AnswerCollector<R> collector =
        new AnswerCollector<>(
            items.size(),
            loop,
            results -> {
              call.onNext(message.apply(results));
              call.onCompleted();
            });
    try {
      for (I item : items) {
        ask.item(item, collector);
      }
    } catch (IllegalArgumentException malformed) {
      collector.abandon();
      call.onError(
          Status.INVALID_ARGUMENT.withDescription(malformed.getMessage()).asRuntimeException());
      return;
    }
    collector.begin();
  }

  private static @Nullable Status refusal(Sender sender, int items) {
    if (sender.getProtocolVersion() != ControlLimits.PROTOCOL_VERSION) {
      return Status.FAILED_PRECONDITION.withDescription(
          "sender.protocol_version: %d (expected: %d)"
              .formatted(sender.getProtocolVersion(), ControlLimits.PROTOCOL_VERSION));
    }
    if (items > ControlLimits.MAX_ITEMS) {
      return Status.INVALID_ARGUMENT.withDescription(
          "items: %d of them (expected: at most %d)".formatted(items, ControlLimits.MAX_ITEMS));
    }
    return null;
  }
}
