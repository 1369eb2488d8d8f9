/**
 * Requests and answers at the engine's edge: what opens a branch, who waits for its answer, what is
 * said in a service's place, and the headers that a request gets or loses.
 */
@NullMarked
package io.handfast.tx.engine.answer;

import org.jspecify.annotations.NullMarked;
