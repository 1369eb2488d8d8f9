/**
 * What happens with a request between the codec and the router: {@link
 * io.handfast.proxy.http.manager.ConnectionManager} takes it, {@link
 * io.handfast.proxy.http.manager.ManagedStream} runs it through its filters, each of which has a
 * {@link io.handfast.proxy.http.manager.FilterSlot} with one {@link
 * io.handfast.proxy.http.manager.Passage} per direction.
 */
@NullMarked
package io.handfast.proxy.http.manager;

import org.jspecify.annotations.NullMarked;
