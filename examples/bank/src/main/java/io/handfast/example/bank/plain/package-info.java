/**
 * The same bank in plain SQL, for the sidecars' {@code database} mode: nothing is reserved,
 * confirmed, cancelled or undone, no context is passed on, and each request ends with {@code
 * COMMIT}. {@link io.handfast.example.bank.plain.TransfersMain transfers} writes a row and asks the
 * {@link io.handfast.example.bank.plain.BankMain banks} to take and to give; what makes that all or
 * nothing is not here.
 */
@NullMarked
package io.handfast.example.bank.plain;

import org.jspecify.annotations.NullMarked;
