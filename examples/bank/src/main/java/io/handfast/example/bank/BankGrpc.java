package io.handfast.example.bank;

import io.grpc.stub.StreamObserver;
import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.grpc.CallMetadata;
import io.handfast.example.bank.grpc.Statuses;
import io.handfast.example.bank.v1.ReservationKind;
import io.handfast.example.bank.v1.ReservationServiceGrpc.ReservationServiceImplBase;
import io.handfast.example.bank.v1.ReserveRequest;
import io.handfast.example.bank.v1.ReserveResponse;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;

/** A bank over gRPC. */
final class BankGrpc extends ReservationServiceImplBase {
  /** The metadata with the reservation's key. */
  static final String KEY = "reservation-key";

  private final Bank bank;

  BankGrpc(Bank bank) {
    this.bank = bank;
  }

  @Override
  public void reserve(ReserveRequest request, StreamObserver<ReserveResponse> call) {
    Statuses.answer(
        call,
        () -> {
          CallMetadata metadata = CallMetadata.current();
          String key = Names.check(KEY, metadata.value(KEY));
          Order order =
              new Order(key, request.getAccount(), kind(request.getKind()), request.getAmount());
          bank.reserve(metadata.trace(), order);
          return ReserveResponse.newBuilder().setKey(key).build();
        });
  }

  private static Kind kind(ReservationKind kind) {
    return switch (kind) {
      case RESERVATION_KIND_DEBIT -> Kind.DEBIT;
      case RESERVATION_KIND_CREDIT -> Kind.CREDIT;
      case RESERVATION_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw Problem.badRequest(
              "kind: " + kind + " (expected: RESERVATION_KIND_DEBIT or RESERVATION_KIND_CREDIT)");
    };
  }
}
