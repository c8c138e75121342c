# %% [markdown]
# # A first look
#
# What can reach what in the online shop, why, and what a change to its policies opens and closes.

# %%
import netsim

shop = netsim.load("fixtures/online-shop")
shop.reach(destination="data/*")

# %% [markdown]
# One verdict, with the rules that decided it.

# %%
verdict = shop.query("shop/frontend", "data/postgres", port=5432)
print(verdict)

# %% [markdown]
# The next version of the policies: what changes, and which rule did it.

# %%
changes = netsim.diff(shop, netsim.load("fixtures/online-shop-next"))
changes

# %%
changes.to_frame().groupby("change").size()
