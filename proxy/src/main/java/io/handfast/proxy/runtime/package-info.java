/** What every room of the data plane stands on: event loops seen as dispatchers, and counters. */
@NullMarked
package io.handfast.proxy.runtime;

import org.jspecify.annotations.NullMarked;
