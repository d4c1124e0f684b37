"""Each rule of the proof engine refuses what it does not cover. Every case is a planted false proof."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Float, Integer, Rational, sqrt

from softsample_theory.proofs import theorems
from softsample_theory.proofs.engine.algebra import Named, ProofError, inner, is_zero, square, vector
from softsample_theory.proofs.engine.calculus import Limit, Optimise
from softsample_theory.proofs.engine.context import Context
from softsample_theory.proofs.engine.domain import Definition, Domain, Variable
from softsample_theory.proofs.engine.facts import Assumption, Fact, Sequence, counter, power, running_sum
from softsample_theory.proofs.engine.lemma import cite
from softsample_theory.proofs.engine.steps import Cases, Expectation, Identity, Induction, Inequality, Step
from softsample_theory.proofs.sampling_rules import iid_batch, partial_sums, subset_mean

L, eta, x, y, k, n, b, S2, t = (Named(name) for name in ("L", "η", "x", "y", "k", "n", "b", "S²", "t"))
G, g = vector("G"), vector("g")

DOMAIN = Domain(
    (
        Variable(L, "smoothness", low_open=True),
        Variable(eta, "step", low_open=True, high=1 / L),
        Variable(x, "fraction", high=Integer(1), high_open=True),
        Variable(k, "count", low=1, whole=True),
        Variable(t, "steps", whole=True),
        Variable(b, "batch", low=1, whole=True),
        Definition(y, x / (1 - x), "odds"),
    )
)
POSITIVE = Assumption("positive", "x is positive", "x > 0", lambda what: what)


def passes(step: Step, *earlier: Step) -> bool:
    context = Context(DOMAIN, {"positive": POSITIVE, "iid batch": iid_batch()})
    context.earlier = {each.name: each for each in earlier}
    try:
        step.check(context)
    except ProofError:
        return False
    return True


def test_zero_is_decided_over_the_rationals() -> None:
    assert is_zero((x**2 - 1) / (x - 1) - x - 1)
    assert not is_zero(x - y)
    assert is_zero(Rational(1, 3) + Rational(1, 6) - Rational(1, 2))
    for refused in (Float("0.1") - Float("0.1") * x, sqrt(x) - x, sqrt(Integer(2)) * x, 1 / (x - x)):
        with pytest.raises(ProofError):
            is_zero(refused)


def test_symbols_carry_no_assumptions_and_are_one_by_name() -> None:
    assert Named("x", r"\xi") == x
    assert Named("x").is_positive is None
    assert inner(G, g) == inner(g, G)
    assert is_zero(square(2 * G - g) - (4 * square(G) - 4 * inner(G, g) + square(g)))


@pytest.mark.parametrize(
    ("expression", "sign"),
    [
        (1 - eta * L, True),
        (1 - eta * L * Rational(11, 10), False),  # 0 at η = 10/(11 L), inside the range
        (eta * (2 - eta * L), True),
        (1 - x, True),
        (y, True),
        (k - 1, True),
        (k - 2, False),
        (x - 1, False),
        (Integer(0), True),
        (1 / t, False),  # a pole at t = 0
        (n, False),  # not in the domain
    ],
)
def test_signs_on_the_domain(expression: object, sign: bool) -> None:
    assert DOMAIN.nonnegative(expression) is sign


def test_positive_needs_a_strict_monomial() -> None:
    assert DOMAIN.positive(L)
    assert DOMAIN.positive(k)
    assert not DOMAIN.positive(x)
    assert not DOMAIN.positive(k - 1)


def test_a_range_closed_at_both_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="open at one end"):
        Variable(x, "closed", high=Integer(1))


class TestIdentity:
    def test_holds_and_fails(self) -> None:
        assert passes(Identity(name="a", lhs=y, rhs=1 / (1 - x) - 1))
        assert not passes(Identity(name="a", lhs=y, rhs=1 / (1 - x)))

    def test_pole_on_the_domain(self) -> None:
        assert not passes(Identity(name="a", lhs=t / t**2, rhs=1 / t))


class TestInequality:
    def test_square_certificate(self) -> None:
        good = {"lhs": 2 * inner(G, g), "rhs": square(G) + square(g)}
        assert passes(Inequality(name="a", **good, squares=((1, G - g),)))
        assert not passes(Inequality(name="a", **good, squares=((1, G + g),)))
        assert not passes(Inequality(name="a", **good))

    def test_identity_true_but_multiplier_negative(self) -> None:
        assert not passes(Inequality(name="a", lhs=square(G), rhs=Integer(0), squares=((-1, G),)))
        wide = Inequality(
            name="a", lhs=Integer(0), rhs=(1 - 2 * eta * L) * square(G), squares=((1 - 2 * eta * L, G),)
        )
        assert not passes(wide)

    def test_slack_holds_parameters_and_squared_norms_only(self) -> None:
        assert passes(Inequality(name="a", lhs=Integer(0), rhs=eta, slack=eta))
        assert passes(Inequality(name="a", lhs=Integer(0), rhs=square(G), slack=square(G)))
        assert not passes(Inequality(name="a", lhs=Integer(0), rhs=inner(G, g), slack=inner(G, g)))

    def test_unknown_and_misquoted_facts(self) -> None:
        claim = {"lhs": Integer(0), "rhs": S2}
        assert passes(Inequality(name="a", **claim, by=((1, POSITIVE.at(S2)),)))
        assert not passes(Inequality(name="a", **claim, by=((1, Fact("faith", S2)),)))
        assert not passes(Inequality(name="a", **claim, by=((1, Fact("positive", S2, (2 * S2,))),)))

    def test_a_fact_used_outside_its_range(self) -> None:
        before = Inequality(name="a", lhs=eta, rhs=1 / L + eta, slack=1 / L)
        inside = Inequality(
            name="c", lhs=1 / (2 * L), rhs=3 / (2 * L), by=((1, before.fact({eta: 1 / (2 * L)})),)
        )
        outside = Inequality(name="c", lhs=2 / L, rhs=3 / L, by=((1, before.fact({eta: 2 / L})),))
        assert passes(inside, before)
        assert not passes(outside, before)

    def test_whole_parameters_stay_whole(self) -> None:
        before = Inequality(name="a", lhs=Integer(1), rhs=k, slack=k - 1)
        doubled = Inequality(name="c", lhs=Integer(1), rhs=2 * k, by=((1, before.fact({k: 2 * k})),))
        halved = Inequality(
            name="c", lhs=Integer(1), rhs=k + Rational(1, 2), by=((1, before.fact({k: k + Rational(1, 2)})),)
        )
        assert passes(doubled, before)
        assert not passes(halved, before)

    def test_random_quantities_cannot_be_replaced(self) -> None:
        before = Inequality(name="a", lhs=Integer(0), rhs=square(G), squares=((1, G),))
        other = Fact("a", S2, ((square(G), S2),))
        assert not passes(Inequality(name="c", lhs=Integer(0), rhs=S2, by=((1, other),)), before)


class TestCases:
    when = Inequality(
        name="w",
        lhs=Integer(0),
        rhs=x - Rational(1, 3),
        by=((1, Fact("case", x - Rational(1, 3))),),
        case=Fact("case", x - Rational(1, 3)),
    )

    def test_a_case_is_no_claim(self) -> None:
        cited = Inequality(name="c", lhs=Integer(0), rhs=x - Rational(1, 3), by=((1, self.when.fact()),))
        assert not passes(cited, self.when)

    def test_cases_must_cover_everything(self) -> None:
        claim = {"lhs": Integer(0), "rhs": S2}
        first = Inequality(
            name="u", **claim, by=((1, POSITIVE.at(S2)),), case=Fact("case", x - Rational(1, 3))
        )
        other = Inequality(
            name="v", **claim, by=((1, POSITIVE.at(S2)),), case=Fact("case", Rational(1, 3) - x)
        )
        gap = Inequality(name="v", **claim, by=((1, POSITIVE.at(S2)),), case=Fact("case", Rational(1, 4) - x))
        joined = {"when": first.fact(), "otherwise": other.fact(), "split": x - Rational(1, 3)}
        assert passes(Cases(name="c", **claim, **joined), first, other)
        assert not passes(Cases(name="c", **claim, **joined), first, gap)


class TestExpectation:
    before = Inequality(name="a", lhs=-inner(G, g), rhs=square(g) - inner(G, g), squares=((1, g),))

    def test_means_by_rule(self) -> None:
        rule = iid_batch().at((G,), G, g, S2, b)
        good = {"lhs": Integer(0), "rhs": square(G) + S2 / b, "of": self.before.fact(), "random": (g,)}
        assert passes(Expectation(name="e", **good, rules=(rule,)), self.before)
        assert not passes(Expectation(name="e", **good, rules=()), self.before)
        good["rhs"] = square(G)
        assert not passes(Expectation(name="e", **good, rules=(rule,)), self.before)

    def test_products_of_random_symbols_are_refused(self) -> None:
        product = Inequality(name="a", lhs=Integer(0), rhs=square(g) ** 2, squares=((1, square(g)),))
        rule = iid_batch().at((G,), G, g, S2, b)
        wrong = Expectation(
            name="e",
            lhs=Integer(0),
            rhs=(square(G) + S2 / b) ** 2,
            of=product.fact(),
            rules=(rule,),
            random=(g,),
        )
        assert not passes(wrong, product)

    def test_a_mean_needs_a_name_of_its_own(self) -> None:
        before = Inequality(name="a", lhs=Integer(0), rhs=S2, by=((1, POSITIVE.at(S2)),))
        wrong = Expectation(name="e", lhs=Integer(0), rhs=x, of=before.fact(), rules=(), expected={S2: x})
        assert not passes(wrong, before)


class TestInduction:
    def test_gauss(self) -> None:
        total = Sequence(S2, Integer(0), S2 + t, "0 + 1 + ...")
        good = {"lhs": S2, "rhs": t * (t - 1) / 2, "sequences": (counter(t), total), "equality": True}
        assert passes(Induction(name="i", **good))
        good["rhs"] = t * (t + 1) / 2
        assert not passes(Induction(name="i", **good))

    def test_base_is_needed(self) -> None:
        shifted = Induction(name="i", lhs=S2, rhs=S2 + 1, sequences=(Sequence(S2, Integer(0), S2 + 1, ""),))
        assert not passes(shifted)

    def test_bernoulli(self) -> None:
        # (1-x)^t >= 1 - t x: the step leaves t x^2
        powers = power(S2, 1 - x, t)
        good = {"lhs": 1 - t * x, "rhs": S2, "sequences": (counter(t), powers), "keep": 1 - x}
        assert passes(Induction(name="i", **good, slack=t * x**2))
        assert not passes(Induction(name="i", **good, slack=x**2))

    def test_nonlinear_facts_have_no_mean(self) -> None:
        both = square(G) ** 2 + square(g)
        path = Inequality(name="p", lhs=Integer(0), rhs=both, slack=both)
        rule = iid_batch().at((G,), G, g, S2, b)
        mean = square(G) ** 2 + square(G) + S2 / b
        fact = Expectation(name="a", lhs=Integer(0), rhs=mean, of=path.fact(), rules=(rule,), random=(g,))
        wrong = Induction(
            name="i",
            lhs=Integer(0),
            rhs=x,
            sequences=(running_sum(x, mean, ""),),
            by=((1, fact.fact()),),
        )
        assert passes(fact, path)
        assert not passes(wrong, path, fact)

    def test_closed_forms_are_checked(self) -> None:
        assert power(S2, 1 - x, t).closed_form_holds()
        wrong = Sequence(S2, Integer(1), (1 - x) * S2, "", closed=(1 - x) ** (t + 1), index=t)
        assert not wrong.closed_form_holds()


def test_optimise_needs_the_stationary_point_and_its_value() -> None:
    good = {"lhs": L**2 / eta + eta, "rhs": 2 * L, "variable": eta, "at": L}
    assert passes(Optimise(name="o", **good))
    assert not passes(Optimise(name="o", **{**good, "rhs": 3 * L}))
    assert not passes(Optimise(name="o", **{**good, "at": 2 * L}))
    assert not passes(Optimise(name="o", **{**good, "lhs": -(L**2) / eta - eta, "rhs": -2 * L}))  # a maximum


def test_limit_needs_a_continuous_form() -> None:
    good = {"lhs": (L**2 - x**2) / (L - x), "form": L + x, "point": {x: L}, "rhs": 2 * L}
    assert passes(Limit(name="l", **good))
    assert not passes(Limit(name="l", **{**good, "rhs": L}))
    assert not passes(Limit(name="l", **{**good, "form": good["lhs"]}))  # a pole at the point


def test_a_step_without_a_kind_is_refused() -> None:
    assert not passes(Step(name="faith", lhs=Integer(1), rhs=Integer(0)))


@pytest.mark.parametrize("rule", [iid_batch(), subset_mean(), partial_sums()], ids=lambda rule: rule.key)
def test_enumeration_confirms_each_rule_and_rejects_a_changed_one(rule: object) -> None:
    assert rule.fault() is None
    for scale in (Rational(9, 10), Rational(2), Rational(-1)):
        assert rule.scaled(scale).fault() is not None


def test_the_iid_rule_is_false_for_a_subset() -> None:
    # Without replacement the variance of a mean of two of three is S²/4, not S²/2: the wrong law is found.
    wrong = subset_mean()
    confused = type(wrong)(wrong.key, "", "", wrong.means, lambda fpc, m: 1 / m, wrong.enumerate_small)
    assert "another at (3, 2)" in str(confused.fault())
    assert wrong.factor(Fraction(1, 2), Fraction(2)) == Fraction(1, 4)


class TestMeansAndPaths:
    """What holds on a path and what holds in the mean are kept apart."""

    path = Named("path")
    domain = Domain((*DOMAIN.items, Variable(path, "a length on one path", pathwise=True)))

    def passes(self, step: Step, *earlier: Step) -> bool:
        context = Context(self.domain, {"positive": POSITIVE, "iid batch": iid_batch()})
        context.earlier = {each.name: each for each in earlier}
        try:
            step.check(context)
        except ProofError:
            return False
        return True

    def test_a_path_quantity_does_not_survive_a_mean(self) -> None:
        before = Inequality(
            name="a", lhs=Integer(0), rhs=S2 + self.path, by=((1, POSITIVE.at(S2)),), slack=self.path
        )
        new = Named("E S²")
        kept = Expectation(
            name="e", lhs=Integer(0), rhs=new + self.path, of=before.fact(), rules=(), expected={S2: new}
        )
        mean = Named("E path")
        averaged = Expectation(
            name="e",
            lhs=Integer(0),
            rhs=new + mean,
            of=before.fact(),
            rules=(),
            expected={S2: new, self.path: mean},
        )
        assert not self.passes(kept, before)
        assert self.passes(averaged, before)

    def test_a_mean_is_not_multiplied_by_what_is_random(self) -> None:
        before = Inequality(name="a", lhs=Integer(0), rhs=S2, by=((1, POSITIVE.at(S2)),))
        mean = Named("E S²")
        step = Expectation(
            name="e", lhs=Integer(0), rhs=mean, of=before.fact(), rules=(), expected={S2: mean}
        )
        wrong = Inequality(name="w", lhs=Integer(0), rhs=self.path * mean, by=((self.path, step.fact()),))
        right = Inequality(name="w", lhs=Integer(0), rhs=L * mean, by=((L, step.fact()),))
        assert not self.passes(wrong, before, step)
        assert self.passes(right, before, step)

    def test_a_sequence_is_no_parameter_to_be_replaced(self) -> None:
        grown = Named("grown")
        domain = Domain((*DOMAIN.items, Variable(grown, "1, 2, 4, ...", low_open=True)))
        claim = Induction(
            name="i",
            lhs=Integer(1),
            rhs=grown,
            sequences=(counter(t), Sequence(grown, Integer(1), 2 * grown, "")),
            slack=grown,
        )
        context = Context(domain, {})
        claim.check(context)
        context.earlier["i"] = claim
        half = Rational(1, 2)
        false = Inequality(name="f", lhs=Integer(1), rhs=half, by=((1, claim.fact({grown: half})),))
        with pytest.raises(ProofError, match="moves a sequence"):
            false.check(context)

    def test_one_symbol_is_one_sequence(self) -> None:
        first = Induction(
            name="i",
            lhs=S2,
            rhs=t,
            sequences=(counter(t), Sequence(S2, Integer(0), S2 + 1, "")),
            equality=True,
        )
        other = Induction(
            name="j",
            lhs=S2,
            rhs=2 * t,
            sequences=(counter(t), Sequence(S2, Integer(0), S2 + 2, "")),
            equality=True,
        )
        assert self.passes(first)
        assert self.passes(other)
        assert not self.passes(other, first)


class TestLemma:
    """Another theorem is cited with its words, on its domain, under its assumptions."""

    def context(self, **replaced: object) -> Context:
        theorem = theorems["nonconvex-iid"]
        domain = Domain(tuple(replaced.get(str(item.symbol), item) for item in theorem.domain))
        return Context(domain, {each.key: each for each in theorem.assumptions})

    def test_as_it_stands(self) -> None:
        cite(theorems["nonconvex-iid"], "A3", "lemma").check(self.context())

    def test_misquoted_or_stretched_or_unassumed(self) -> None:
        step = cite(theorems["nonconvex-iid"], "A3", "lemma")
        with pytest.raises(ProofError, match="misquotes"):
            replace(step, rhs=step.rhs - L).check(self.context())
        eta_item = next(item for item in theorems["nonconvex-iid"].domain if str(item.symbol) == "η")
        with pytest.raises(ProofError, match="another range"):
            step.check(self.context(η=replace(eta_item, high=2 / L)))
        bare = self.context()
        bare.assumptions = {key: each for key, each in bare.assumptions.items() if key != "variance"}
        with pytest.raises(ProofError, match="assumes 'variance'"):
            step.check(bare)

    def test_a_case_is_no_lemma(self) -> None:
        with pytest.raises(ProofError, match="one case only"):
            cite(theorems["nonconvex-iid"], "A7", "lemma").check(self.context())


class TestTheoremAsAWhole:
    """A proof with a hole in it is named by theorem and step."""

    def test_a_dropped_step_is_missed_where_it_is_cited(self) -> None:
        theorem = theorems["nonconvex-iid"]
        holed = replace(theorem, steps=tuple(step for step in theorem.steps if step.name != "A2"))
        with pytest.raises(ProofError, match=r"^nonconvex-iid, step A3: it cites 'A2', which is neither"):
            holed.check()

    def test_a_wide_step_range_is_caught_by_the_sign_of_a_multiplier(self) -> None:
        theorem = theorems["nonconvex-iid"]
        wide = dict(theorem.domain.widened())["η: upper end x 11/10"]
        with pytest.raises(ProofError, match=r"^nonconvex-iid, step A3: the coefficient of a square"):
            replace(theorem, domain=wide).check()

    def test_a_false_law_of_draws_is_caught_by_enumeration(self) -> None:
        theorem = theorems["nonconvex-subset"]
        wrong = tuple(
            each.scaled(Rational(9, 10)) if each.key == "subset mean" else each
            for each in theorem.assumptions
        )
        with pytest.raises(ProofError, match=r"rule subset mean: enumeration contradicts it"):
            replace(theorem, assumptions=wrong).check()

    def test_an_idle_step_and_an_unused_assumption_are_reported(self) -> None:
        theorem = theorems["nonconvex-iid"]
        idle = Identity(name="idle", lhs=L, rhs=L)
        with pytest.raises(ProofError, match="idle is neither cited nor concluded"):
            replace(theorem, steps=(*theorem.steps, idle)).check()
        spare = replace(theorem, assumptions=(*theorem.assumptions, POSITIVE))
        assert spare.check().unused == ("positive",)
        assert "not used: positive" in str(spare.check())

    def test_a_counterexample_must_be_one(self) -> None:
        step = theorems["paper-eq7"].step("D1")
        for wrong, why in (
            ({"lhs": Rational(1, 9)}, "the left side is 1/8"),
            ({"assumptions": lambda: {"A1": False}}, "breaks a printed assumption: A1"),
            ({"compute": lambda: (Fraction(0), Fraction(0)), "lhs": Integer(0)}, "not violated"),
        ):
            with pytest.raises(ProofError, match=why):
                replace(step, **wrong).check(Context(DOMAIN, {}))
