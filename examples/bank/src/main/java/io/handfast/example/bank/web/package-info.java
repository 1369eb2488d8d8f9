/**
 * What the bank's services have in common with any others: {@link io.handfast.example.bank.web.Web
 * a server} whose {@link io.handfast.example.bank.web.Router routes} lead {@link
 * io.handfast.example.bank.web.Call calls} to {@link io.handfast.example.bank.web.Handler
 * handlers}, and {@link io.handfast.example.bank.web.OutgoingCalls calls} to other services, which
 * carry the {@link io.handfast.example.bank.web.TraceContext trace context} of the one that is
 * being served.
 */
@NullMarked
package io.handfast.example.bank.web;

import org.jspecify.annotations.NullMarked;
