/** What people see of the engine: names of states and events, timelines, meters. */
@NullMarked
package io.handfast.tx.engine.observe;

import org.jspecify.annotations.NullMarked;
