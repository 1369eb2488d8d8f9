/**
 * A bank of four ordinary HTTP services that know nothing of Handfast: {@link
 * io.handfast.example.bank.TransfersMain transfers} moves money between {@link
 * io.handfast.example.bank.BankMain bank-a and bank-b}, which ask {@link
 * io.handfast.example.bank.AuditMain audit} how much may leave an account.
 *
 * <p>Each is a {@link io.handfast.example.bank.Web} server with a {@link
 * io.handfast.example.bank.Router}; a bank keeps its {@link io.handfast.example.bank.Ledger} and
 * transfers its {@link io.handfast.example.bank.TransferStore} in PostgreSQL. Reserving, confirming
 * and cancelling are plain REST endpoints, idempotent by a key that the caller chooses.
 */
@NullMarked
package io.handfast.example.bank;

import org.jspecify.annotations.NullMarked;
