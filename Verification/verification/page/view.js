// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors
//
// What is asked of a view where it is shown: `view.NAME(...)`, by Tab.ask in browser.py.

window.view = (() => {
    const DIGEST = /^(sha256:)?[0-9a-f]{64}$/;
    const SHORT = 12; // digits of a digest in a table
    const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const all = (selector) => [...document.querySelectorAll(selector)];
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    const isDigest = (element) => element.children.length === 0 && DIGEST.test(element.textContent.trim());
    const holder = (element) => element.closest(CONTROLS) ?? element;
    const named = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 90);
    const scrolls = (element) =>
        element.scrollWidth > element.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
    const texts = (root, from = document) => {
        const walker = from.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
        while (walker.nextNode()) if (walker.currentNode.data.trim()) found.push(walker.currentNode);
        return found;
    };
    const nextFrame = () => new Promise(requestAnimationFrame);
    let wanted = [], stops = [], digests = [];

    // Begins to watch where the focus goes; tells how much there is that Tab must reach: what can be followed, typed into or
    // pressed, digests, and what scrolls by itself.
    const watchFocus = () => {
        const needed = all("body *").filter(isShown).flatMap((element) =>
            element.matches(CONTROLS) || scrolls(element) ? [element] : isDigest(element) ? [holder(element)] : []);
        wanted = [...new Set(needed)];
        document.addEventListener("focusin", ({ target }) => {
            const style = getComputedStyle(target), box = target.getBoundingClientRect();
            const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
            const isInSight = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
            stops.push({ target, isOutlined, isInSight });
        });
        return wanted.length;
    };

    // What the focus has not reached, or not in order, or where it could not be seen.
    const focusProblems = () => {
        const reached = new Set(stops.map((stop) => stop.target));
        const found = wanted.filter((element) => !reached.has(element)).map((element) => `not reached: ${named(element)}`);
        let last = -1;
        for (const { target, isOutlined, isInSight } of stops) {
            const at = wanted.indexOf(target);
            if (at >= 0 && at < last) found.push(`out of order: ${named(target)}`);
            last = Math.max(last, at);
            if (!isOutlined) found.push(`without an outline: ${named(target)}`);
            if (!isInSight) found.push(`out of sight: ${named(target)}`);
        }
        return found;
    };

    // Puts the focus where Tab gets first; tells where that leads.
    const focusFirst = () => {
        wanted[0].focus();
        return wanted[0].getAttribute("href") ?? named(wanted[0]);
    };

    // Whether Tab went on in what the first link leads to, if there is anything to go on to.
    const hasSkipped = () => {
        const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        const inside = wanted.filter((element) => target?.contains(element));
        return !!target && !target.contains(wanted[0]) && (inside.length === 0 || document.activeElement === inside[0]);
    };

    const leaveFocus = () => document.activeElement.blur();

    const width = () => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);

    const countDigests = () => (digests = all("body *").filter((element) => isDigest(element) && isShown(element))).length;
    const focusDigest = (number) => holder(digests[number]).focus({ focusVisible: true });
    // Where the pointer must go to be over a digest, when the focus has left it.
    const beginningOf = async (number) => {
        leaveFocus();
        await nextFrame();
        digests[number].scrollIntoView({ block: "center" });
        await nextFrame();
        const box = digests[number].getClientRects()[0];
        return [box.left + 4, box.top + box.height / 2];
    };
    // How many digits of a digest in a table are to be seen at first.
    const digitsOf = (number) => {
        const digest = digests[number], digits = digest.textContent.trim().length;
        return digest.closest("table") ? Math.round((digits * digest.getBoundingClientRect().width) / digest.scrollWidth) : SHORT;
    };
    // How a digest is cut off by a box around it that cannot be scrolled.
    const cutOf = (number) => {
        const range = document.createRange();
        range.selectNodeContents(digests[number]);
        const boxes = [...range.getClientRects()];
        const right = Math.max(...boxes.map((box) => box.right)), bottom = Math.max(...boxes.map((box) => box.bottom));
        for (let box = digests[number]; box !== document.body; box = box.parentElement) {
            const style = getComputedStyle(box), edge = box.getBoundingClientRect();
            if (["hidden", "clip"].includes(style.overflowX) && right > edge.right + 1) return "cut off at the right";
            if (["hidden", "clip"].includes(style.overflowY) && bottom > edge.bottom + 1) return "cut off below";
        }
        return "";
    };

    // Text that nobody gets to see; what only scripts can do, buttons say.
    const unseenTexts = () =>
        texts(document.body)
            .filter(({ parentElement: holder }) => !holder.closest("script, style, noscript, button, option, details:not([open])"))
            .filter(({ parentElement: holder }) => !holder.checkVisibility({ visibilityProperty: true }))
            .map((text) => text.data.trim().slice(0, 60));

    // Whole texts that a person could want to copy.
    const wholeTexts = () => all("pre, code, td, dd, bdi, span").map((element) => element.textContent.trim());

    const announced = () => all("[role=status], [aria-live]").map((region) => region.textContent.trim()).join(" ");

    // Overrides of the direction of text that turn around more than the name they stand in.
    const turnedTexts = () =>
        texts(document.body).filter((text) => /[\u202a-\u202e]/.test(text.data)).flatMap((text) => {
            const isOpen = (box) => getComputedStyle(box).display === "inline" && !/isolate|plaintext/.test(getComputedStyle(box).unicodeBidi);
            let box = text.parentElement;
            while (isOpen(box)) box = box.parentElement;
            return box.textContent.trim() === text.data.trim() ? [] : [named(box)];
        });

    // What the last table of a document says: each cell by its time or its pieces of text.
    const readTable = (text) => {
        const read = new DOMParser().parseFromString(text, "text/html"), table = [...read.querySelectorAll("table")].at(-1);
        const value = (cell) =>
            cell.querySelector("time")?.getAttribute("datetime") ?? texts(cell, read).map((piece) => piece.data.trim()).join(" ");
        const hrefOf = (link) => link?.getAttribute("href") ?? "";
        return {
            rows: [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => [...row.cells].map(value)),
            sorts: [...table.tHead.querySelectorAll("th a")].map((link) => [link.closest("th").cellIndex, link.textContent, hrefOf(link)]),
            sorted: Object.fromEntries([...table.tHead.querySelectorAll("[aria-sort]")].map((head) => [head.cellIndex, head.ariaSort])),
            next: hrefOf([...read.querySelectorAll("nav a")].find((link) => link.textContent === "Next")),
        };
    };

    return {
        watchFocus, focusProblems, focusFirst, hasSkipped, leaveFocus, width, countDigests, focusDigest, beginningOf, digitsOf,
        cutOf, unseenTexts, wholeTexts, announced, turnedTexts, readTable,
    };
})();
