/**
 * A bank of four ordinary services that know nothing of Handfast: {@link
 * io.handfast.example.bank.TransfersMain transfers} moves money between {@link
 * io.handfast.example.bank.BankMain bank-a and bank-b}, which ask {@link
 * io.handfast.example.bank.AuditMain audit} how much may leave an account.
 *
 * <p>Each is a {@link io.handfast.example.bank.web.Web} server with a {@link
 * io.handfast.example.bank.web.Router}, and all but audit a {@link
 * io.handfast.example.bank.grpc.GrpcServer} beside it where they are given a port; a {@link
 * io.handfast.example.bank.Bank} keeps its {@link io.handfast.example.bank.Ledger} and {@link
 * io.handfast.example.bank.Transfers} their {@link io.handfast.example.bank.TransferStore} in
 * PostgreSQL. Reserving, confirming and cancelling are idempotent by a key that the caller chooses.
 */
@NullMarked
package io.handfast.example.bank;

import org.jspecify.annotations.NullMarked;
