package io.handfast.demo.story;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Told;
import io.handfast.example.bank.v1.CreateTransferRequest;
import io.handfast.example.bank.v1.TransferServiceGrpc;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A client that asks for transfers over gRPC, with a connection for each. */
final class GrpcClient {
  private static final int TIMEOUT_S = 10;
  private static final Metadata.Key<String> TRANSFER_ID =
      Metadata.Key.of("transfer-id", Metadata.ASCII_STRING_MARSHALLER);

  private GrpcClient() {}

  static Told ask(int port, Order order) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return ask(channel, order);
    } finally {
      channel.shutdownNow();
    }
  }

  private static Told ask(ManagedChannel channel, Order order) {
    Metadata id = new Metadata();
    id.put(TRANSFER_ID, order.id());
    AtomicReference<Metadata> head = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
    CreateTransferRequest request =
        CreateTransferRequest.newBuilder()
            .setFrom(order.from().toString())
            .setTo(order.to().toString())
            .setAmount(order.amount())
            .build();
    Status status = Status.OK;
    try {
      var response =
          TransferServiceGrpc.newBlockingStub(channel)
              .withInterceptors(
                  MetadataUtils.newAttachHeadersInterceptor(id),
                  MetadataUtils.newCaptureMetadataInterceptor(head, trailers))
              .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
              .createTransfer(request);
      if (!response.getId().equals(order.id())) {
        throw new DemoFailure("transfers has made " + response + "(expected: " + order.id() + ")");
      }
    } catch (StatusRuntimeException e) {
      status = e.getStatus();
    }
    return Told.of(status, trailers.get());
  }
}
