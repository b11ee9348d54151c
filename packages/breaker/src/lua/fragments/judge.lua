-- Why these totals do not open the breaker, or nil and the reason why they do. Rates must be exceeded.
local function judge(sum, limits)
  local total = sum.passed + sum.failed
  if total < limits.volume then
    return 'volume'
  end
  local failing = sum.failed * 100 > limits.failureRate * total
  if not failing and sum.slow * 100 <= limits.slowRate * total then
    return 'rate'
  end
  if limits.quorum > 1 and sum.reporters < limits.quorum then
    return 'quorum'
  end
  return nil, failing and 'failure-rate' or 'slow-call-rate'
end
