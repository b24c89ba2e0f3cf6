"""The kernel: the rules of the dialer, compiled to machine code.

It makes the same calls as the reference engine, and uses what numbers share (docs/background/engine.md says more):

- Numbers of one window class and priority (a *cell*) wait in one queue. They fall due in order, so a queue is sorted by
  (due, sequence) by itself. When a window opens or closes, one entry of a tournament moves, and not the numbers.
- Numbers that fall due while their window is open are in order whatever their cells: one queue holds a priority's.
- All calls of a second begin together and none ends within it, so a batch of them is chosen, and then played.
- Luck depends on nothing that happens during a call, so what a call comes to is known when it begins. The number is
  filed under the second at which it falls due again, and the line under the second at which it is free. Nothing else
  is kept of a call in progress.

`seconds.advance` plays a run, step by step as the reference engine does; begin there. From the top to the ground:

- `seconds`: the steps of a second; of those, `happening`: what is known beforehand; `choosing`: who is called;
  `playing`: what follows. `rows`: what is done before a run and after it. `sharing`: what else shared caps need.
- `scheduling`: when numbers fall due, by `capping`; and `waiting`: what they wait for.
- `ordering`, `tournaments`, `queues`: the order in which numbers wait. `fetching`: memory, before it is read.
- `calls`: what calls come to. `state`, `plan`: what changes during a run, and what does not. `bits`: arithmetic.
- `making`: of which files the machine code is made.
"""
