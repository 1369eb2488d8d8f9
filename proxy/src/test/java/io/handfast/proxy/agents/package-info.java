/** Services that know nothing of transactions, under the agents that carry their context across. */
@NullMarked
package io.handfast.proxy.agents;

import org.jspecify.annotations.NullMarked;
