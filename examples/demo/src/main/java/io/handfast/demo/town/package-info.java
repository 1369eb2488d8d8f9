/**
 * What the story is played in: the bank's services, their sidecars and databases, as processes of
 * their own, on loopback ({@link io.handfast.demo.town.Town}) or in network namespaces ({@link
 * io.handfast.demo.town.PodTown}), and what is asked of them over the wire.
 */
@NullMarked
package io.handfast.demo.town;

import org.jspecify.annotations.NullMarked;
