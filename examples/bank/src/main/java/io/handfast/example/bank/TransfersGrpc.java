package io.handfast.example.bank;

import io.grpc.stub.StreamObserver;
import io.handfast.example.bank.Transfer.Order;
import io.handfast.example.bank.grpc.CallMetadata;
import io.handfast.example.bank.grpc.Statuses;
import io.handfast.example.bank.v1.CreateTransferRequest;
import io.handfast.example.bank.v1.CreateTransferResponse;
import io.handfast.example.bank.v1.TransferServiceGrpc.TransferServiceImplBase;
import io.handfast.example.bank.web.Names;

/** {@code transfers} over gRPC; it asks the banks over gRPC, too. */
final class TransfersGrpc extends TransferServiceImplBase {
  /** The metadata with the transfer's id. */
  private static final String ID = "transfer-id";

  private final Transfers transfers;
  private final Banks banks;

  TransfersGrpc(Transfers transfers, Banks banks) {
    this.transfers = transfers;
    this.banks = banks;
  }

  @Override
  public void createTransfer(
      CreateTransferRequest request, StreamObserver<CreateTransferResponse> call) {
    Statuses.answer(
        call,
        () -> {
          CallMetadata metadata = CallMetadata.current();
          String id = Names.check(ID, metadata.value(ID));
          Order order = new Order(id, request.getFrom(), request.getTo(), request.getAmount());
          transfers.create(metadata.trace(), order, banks);
          return CreateTransferResponse.newBuilder().setId(id).build();
        });
  }
}
