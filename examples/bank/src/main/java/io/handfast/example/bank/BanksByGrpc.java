package io.handfast.example.bank;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.example.bank.grpc.CallMetadata;
import io.handfast.example.bank.grpc.Statuses;
import io.handfast.example.bank.v1.ReservationKind;
import io.handfast.example.bank.v1.ReservationServiceGrpc;
import io.handfast.example.bank.v1.ReserveRequest;
import io.handfast.example.bank.web.TraceContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Banks that are asked over gRPC; connects when it has something to ask. */
final class BanksByGrpc implements Banks, AutoCloseable {
  private static final int TIMEOUT_S = 30;

  private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();

  /**
   * Takes the banks' addresses.
   *
   * @param targets each {@code HOST:PORT}
   */
  BanksByGrpc(Map<String, String> targets) {
    targets.forEach((bank, target) ->
        channels.put(bank, NettyChannelBuilder.forTarget(target).usePlaintext().build()));
  }

  @Override
  public Set<String> names() {
    return channels.keySet();
  }

  @Override
  public void reserve(TraceContext trace, String bank, Reservation.Order order) {
    ManagedChannel channel = Objects.requireNonNull(channels.get(bank), bank);
    ReserveRequest request =
        ReserveRequest.newBuilder()
            .setAccount(order.account())
            .setKind(
                switch (order.kind()) {
                  case DEBIT -> ReservationKind.RESERVATION_KIND_DEBIT;
                  case CREDIT -> ReservationKind.RESERVATION_KIND_CREDIT;
                })
            .setAmount(order.amount())
            .build();
    try {
      CallMetadata.of(trace, BankGrpc.KEY, order.key())
          .on(ReservationServiceGrpc.newBlockingStub(channel))
          .withDeadlineAfter(TIMEOUT_S, TimeUnit.SECONDS)
          .reserve(request);
    } catch (StatusRuntimeException e) {
      throw Statuses.ofPeer(bank, e.getStatus());
    }
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
